{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        unique_key='kind_key',
    )
}}

{#- A number for each event name with segment values, given once and never changed. Kinds that share
    all segment values share a combination: the number of the first of them. -#}
{%- set segment_names = segment_columns() -%}
{%- set kind = (segment_names + ['event_name']) | join(', ') -%}

with seen as (

    select distinct {{ kind }}
    from {{ ref('int_events_listed') }}
    where event_date >= {{ restate_from() }}

),

known as (
    {% if is_incremental() %}
    select *
    from {{ this }}
    {% else %}
    select *, 0 as kind_key, 0 as combination_key
    from seen
    where false
    {% endif %}
),

highest as (

    select coalesce(max(kind_key), 0) as kind_key
    from known

),

unknown as (

    select
        seen.*,
        cast(highest.kind_key + row_number() over (order by {{ kind }}) as integer) as kind_key
    from seen
    anti join known using ({{ kind }})
    cross join highest

),

numbers as (

    select
        {{ comma_columns(segment_names) }}
        combination_key as kind_key
    from known

    union all

    select
        {{ comma_columns(segment_names) }}
        kind_key
    from unknown

),

combinations as (

    select
        {{ comma_columns(segment_names) }}
        min(kind_key) as combination_key
    from numbers
    group by all

),

final as (

    select
        unknown.kind_key,
        combinations.combination_key,
        unknown.event_name,
        {% for segment in segment_names %}
        unknown.{{ segment }},
        {% endfor %}
        {{ is_active_event('unknown.event_name') }} as is_active
    from unknown
    {% if segment_names %}
    inner join combinations using ({{ segment_names | join(', ') }})
    {% else %}
    cross join combinations
    {% endif %}

)

select * from final
