{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key='user_id',
    )
}}

{#- State, one row per person and segment: the first and the latest known value. Of several events
    at one instant the one first (last) by name and value counts. -#}
{%- set day = restate_from() %}
{%- set segment_names = segment_columns() %}

with touched as (

    select distinct person_key
    from {{ ref('int_person_days') }}
    where activity_date >= {{ day }}

    {% if is_incremental() %}
    union

    select person_key
    from {{ this }}
    where {{ product_date('last_event_at') }} >= {{ day }}
    {% endif %}

),

bounds as (

    -- At which instants the first and the latest known values are: no other event is looked at.
    select
        days.person_key,
        {% for segment in segment_names %}
        min(days.first_event_at) filter (where kinds.{{ segment }} != '(none)')
            as {{ segment }}_first_at,
        max(days.last_event_at) filter (where kinds.{{ segment }} != '(none)')
            as {{ segment }}_last_at,
        {% endfor %}
        max(days.last_event_at) as last_event_at
    from {{ ref('int_person_combination_days') }} as days
    inner join {{ ref('int_event_kinds') }} as kinds on days.combination_key = kinds.kind_key
    semi join touched on days.person_key = touched.person_key
    group by days.person_key

),
{% for edge in ['first', 'last'] %}
{{ edge }}_instants as (

    select
        person_key,
        unnest([
            {%- for segment in segment_names %}{{ segment }}_{{ edge }}_at, {% endfor -%}
            null::timestamp
        ]) as {{ edge }}_event_at
    from bounds

),

{{ edge }}_events as (

    select
        event_days.person_key,
        {% for segment in segment_names %}
        {{ 'arg_min' if edge == 'first' else 'arg_max' }}(
            kinds.{{ segment }},
            (event_days.{{ edge }}_event_at, kinds.event_name, kinds.{{ segment }})
        ) filter (where kinds.{{ segment }} != '(none)') as {{ segment }},
        {% endfor %}
        count(*) as events_count
    from {{ ref('int_person_event_days') }} as event_days
    semi join {{ edge }}_instants
        on event_days.person_key = {{ edge }}_instants.person_key
        and event_days.{{ edge }}_event_at = {{ edge }}_instants.{{ edge }}_event_at
    inner join {{ ref('int_event_kinds') }} as kinds on event_days.kind_key = kinds.kind_key
    group by event_days.person_key

),
{% endfor %}
final as (
    {% for segment in each_segment()[1:] %}
    -- A person all of whose events went away keeps a row without values: it replaces the old one.
    select
        touched.person_key,
        persons.user_id,
        {{ segment.name }} as segment_name,
        coalesce(first_events.{{ segment.value }}, '(none)') as first_value,
        coalesce(last_events.{{ segment.value }}, '(none)') as latest_value,
        bounds.last_event_at
    from touched
    inner join {{ ref('int_persons') }} as persons on touched.person_key = persons.person_key
    left join bounds on touched.person_key = bounds.person_key
    left join first_events on touched.person_key = first_events.person_key
    left join last_events on touched.person_key = last_events.person_key
    {{ 'union all' if not loop.last }}
    {%- else %}
    select
        bounds.person_key,
        persons.user_id,
        cast(null as varchar) as segment_name,
        cast(null as varchar) as first_value,
        cast(null as varchar) as latest_value,
        bounds.last_event_at
    from bounds
    inner join {{ ref('int_persons') }} as persons on bounds.person_key = persons.person_key
    where false
    {%- endfor %}

)

select * from final
