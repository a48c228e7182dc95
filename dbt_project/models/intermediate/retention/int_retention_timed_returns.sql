{{
    config(
        materialized='incremental',
        incremental_strategy='replace_from',
        sees_until='return_date',
        definition={'kind': 'retention', 'column': 'retention_name'},
    )
}}

{#- The returns that only single events show: by a condition, on the rolling clock, or several in a
    period. Of those that are not counted the last of each day or hour is enough. -#}
-- depends_on: {{ ref('int_run_window') }}
-- depends_on: {{ ref('int_events_segmented') }}
-- depends_on: {{ ref('int_persons') }}
{% set timed = [] -%}
{%- set days = [] -%}
{%- for retention in retentions() if return_needs_times(retention) -%}
    {%- do timed.append(retention) -%}
    {%- do days.append(restate_from('retention', retention.retention_name)) -%}
{%- endfor %}

with
{% if timed %}
events as (

    select
        persons.person_key,
        events.event_date,
        events.event_at,
        {% for retention in timed %}
        ({{ event_matches(retention.return_event, retention.return_where) }})
            as is_return_of_{{ retention.retention_name }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ ref('int_events_segmented') }} as events
    inner join {{ ref('int_persons') }} as persons on events.user_id = persons.user_id
    where
        {{ events_since('least(' ~ days | join(', ') ~ ')', 'events') }}
        and (
            {% for retention in timed %}
            ({{ event_matches(retention.return_event, retention.return_where) }})
            {{ 'or' if not loop.last }}
            {% endfor %}
        )

),
{% endif %}
final as (
    {% for retention in timed %}
    select
        '{{ retention.retention_name }}' as retention_name,
        person_key,
        event_date as return_date,
        {{ 'event_at' if retention.at_least > 1 else 'max(event_at)' }} as returned_at
    from events
    where
        is_return_of_{{ retention.retention_name }}
        and event_date >= {{ restate_from('retention', retention.retention_name) }}
    {% if retention.at_least == 1 %}
    group by
        person_key, event_date{% if retention.clock == 'rolling' %}, {{ product_hour('event_at') }}{% endif %}
    {% endif %}
    {{ 'union all' if not loop.last }}
    {% else %}
    select
        cast(null as varchar) as retention_name,
        cast(null as integer) as person_key,
        event_date as return_date,
        event_at as returned_at
    from {{ ref('int_events_segmented') }}
    where false
    {% endfor %}

)

select * from final
