{{
    config(
        materialized='incremental',
        incremental_strategy='replace_from',
        sees_until='start_date',
        definition={'kind': 'retention', 'column': 'retention_name'},
    )
}}

{#- What puts people into cohorts. A row uses nothing later than its own start, and the first start
    stays the first however many follow: so rows from before the window are known, and only what
    they do not know yet is looked for since then. When somebody starts is found first, among
    numbers and instants; what the start event carries is fetched afterwards. -#}
-- depends_on: {{ ref('int_run_window') }}
-- depends_on: {{ ref('int_events_segmented') }}
-- depends_on: {{ ref('int_persons') }}
-- depends_on: {{ ref('int_person_days') }}
-- depends_on: {{ ref('int_person_event_days') }}
{% set segment_names = segment_columns() -%}
{%- set all_retentions = retentions() -%}
{%- set timed = [] -%}
{%- set days = [] -%}
{%- for retention in all_retentions if start_needs_times(retention) -%}
    {%- do timed.append(retention) -%}
    {%- do days.append(restate_from('retention', retention.retention_name)) -%}
{%- endfor %}

with kinds as (

    -- Of the starts of an instant the one first by name and segment values counts.
    select
        kind_key,
        combination_key,
        event_name,
        {{ comma_columns(segment_names) }}
        row_number() over (order by {{ (['event_name'] + segment_names) | join(', ') }}) as place
    from {{ ref('int_event_kinds') }}

),
{% if timed %}
timed_events as (

    select
        persons.person_key,
        kinds.kind_key,
        events.event_date,
        events.event_at
        {%- for retention in timed %},
        events.is_start_of_{{ retention.retention_name }}
        {%- endfor %}
    from (
        select
            user_id,
            event_date,
            event_name,
            event_at,
            {{ comma_columns(segment_names) }}
            {% for retention in timed %}
            ({{ event_matches(retention.start_event, retention.start_where) }})
                as is_start_of_{{ retention.retention_name }}{{ ',' if not loop.last }}
            {% endfor %}
        from {{ ref('int_events_segmented') }}
        where
            {{ events_since('least(' ~ days | join(', ') ~ ')') }}
            and (
                {% for retention in timed %}
                ({{ event_matches(retention.start_event, retention.start_where) }})
                {{ 'or' if not loop.last }}
                {% endfor %}
            )
    ) as events
    inner join {{ ref('int_persons') }} as persons on events.user_id = persons.user_id
    inner join kinds
        on events.event_name = kinds.event_name
        {% for segment in segment_names -%}
        and events.{{ segment }} = kinds.{{ segment }}
        {% endfor %}

),
{% endif %}
known as (
    {% if is_incremental() %}
    select retention_name, person_key, cohort_start
    from {{ this }}
    where start_date < {{ restate_from('retention', column='retention_name') }}
    {% else %}
    select
        cast(null as varchar) as retention_name,
        cast(null as integer) as person_key,
        cast(null as date) as cohort_start
    where false
    {% endif %}
),

{% for retention in all_retentions %}
{%- set number = loop.index -%}
{%- set is_timed = start_needs_times(retention) -%}
{%- set keeps_all = not retention.is_first_time and retention.clock == 'rolling' -%}
{%- set day = restate_from('retention', retention.retention_name) -%}
events_{{ number }} as not materialized (

    {% if is_timed %}
    select person_key, kind_key, event_date as start_date, event_at as started_at
    from timed_events
    where is_start_of_{{ retention.retention_name }} and event_date >= {{ day }}
    {% else %}
    select person_key, kind_key, activity_date as start_date, first_event_at as started_at
    from {{ ref('int_person_event_days') }}
    where
        activity_date >= {{ day }}
        {% if retention.start_event %}
        and kind_key in (select kind_key from kinds where {{ event_matches(retention.start_event) }})
        {% endif %}
    {% endif %}

),

seen_{{ number }} as (

    select
        person_key,
        {{ period_start(retention.interval, 'min(start_date)') }} as cohort_start,
        min(start_date) as start_date,
        min(started_at) as started_at
    {% if is_timed or retention.start_event %}
    from events_{{ number }}
    {% else %}
    from (
        select person_key, activity_date as start_date, first_event_at as started_at
        from {{ ref('int_person_days') }}
        where activity_date >= {{ day }}
    ) as days
    {% endif %}
    group by
        person_key
        {% if keeps_all %}
        , {{ product_hour('started_at') }}
        {% elif not retention.is_first_time %}
        , {{ period_start(retention.interval, 'start_date') }}
        {% endif %}

),

new_{{ number }} as (

    -- A person's first start ever; else the first in each cohort, on the rolling clock every one.
    {% set same %}
    known.retention_name = '{{ retention.retention_name }}'
        and seen.person_key = known.person_key
        {%- if not retention.is_first_time %} and seen.cohort_start = known.cohort_start{% endif %}
    {% endset -%}
    select
        seen.*,
        {% if keeps_all %}
        started_at = min(started_at) over (partition by person_key, cohort_start)
        and not exists (select 1 from known where {{ same }}) as is_cohort_start
        {% else %}
        true as is_cohort_start
        {% endif %}
    from seen_{{ number }} as seen
    {% if not keeps_all %}
    anti join known on {{ same }}
    {% endif %}

),

placed_{{ number }} as (

    select
        new.person_key,
        new.cohort_start,
        new.start_date,
        new.started_at,
        new.is_cohort_start,
        min(kinds.place) as place
    from new_{{ number }} as new
    inner join events_{{ number }} as events
        on new.person_key = events.person_key
        and new.start_date = events.start_date
        and new.started_at = events.started_at
    inner join kinds on events.kind_key = kinds.kind_key
    group by all

),

{% endfor %}
final as (
    {% for retention in all_retentions %}
    select
        '{{ retention.retention_name }}' as retention_name,
        placed.person_key,
        placed.cohort_start,
        placed.start_date,
        kinds.combination_key,
        placed.started_at,
        placed.is_cohort_start
    from placed_{{ loop.index }} as placed
    inner join kinds on placed.place = kinds.place
    {{ 'union all' if not loop.last }}
    {% else %}
    select
        retention_name,
        person_key,
        cohort_start,
        cohort_start as start_date,
        cast(null as integer) as combination_key,
        cast(cohort_start as timestamp) as started_at,
        false as is_cohort_start
    from known
    where false
    {% endfor %}

)

select * from final
