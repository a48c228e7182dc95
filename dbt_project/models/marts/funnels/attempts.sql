{{
    config(
        materialized='incremental',
        incremental_strategy='replace_from',
        sees_until='entry_date + {{ reach_days_of_funnel() }}',
        unique_key=['funnel_name', 'user_id', 'hold_constant_value', 'entry_date'],
        definition={'kind': 'funnel', 'column': 'funnel_name'},
    )
}}

{#- The best attempt of each counting unit and entry day, whether its window is over or not: of the
    days that this run replaces, and older ones that became their unit's best or are it no more. -#}
-- depends_on: {{ ref('int_run_window') }}
with attempts as not materialized (

    select
        *,
        {{ attempt_rank() }} as attempt_rank
    from {{ stored_funnel_attempts(ref('int_funnel_attempts')) }} as stored
    where sees_until >= {{ restate_from('funnel', column='funnel_name') }}

),

best_of_units as (

    select
        {{ funnel_unit('bests') }},
        bests.entered_at
    from {{ stored_funnel_attempts(ref('int_funnel_unit_attempts')) }} as bests
    where bests.is_best

),

contested as (

    {{ contested_days('attempts') }}

),

best_of_contested as (

    select
        {{ funnel_unit('attempts') }},
        attempts.entry_date,
        max(attempts.attempt_rank) as best_rank,
        min(attempts.first_touch_at) as first_touch_at,
        bool_or(attempts.is_live and not attempts.is_mature) as is_open
    from attempts
    semi join contested
        on {{ same_funnel_unit('attempts', 'contested') }}
        and attempts.entry_date = contested.entry_date
    group by {{ funnel_unit('attempts') }}, attempts.entry_date

),

best_of_days as (

    select
        attempts.*,
        attempts.first_touch_at as day_first_touch_at,
        attempts.is_live and not attempts.is_mature as is_open
    from attempts
    anti join contested
        on {{ same_funnel_unit('attempts', 'contested') }}
        and attempts.entry_date = contested.entry_date

    union all

    select
        attempts.*,
        best.first_touch_at as day_first_touch_at,
        best.is_open
    from attempts
    inner join best_of_contested as best
        on {{ same_funnel_unit('attempts', 'best') }}
        and attempts.entry_date = best.entry_date
        and attempts.attempt_rank = best.best_rank

),

segments as (

    select funnel_name, list(segment_name order by position) as names
    from {{ definitions_table('funnel_segments') }}
    group by funnel_name

),

maps as (

    -- Few values are different, and a map is dear to make.
    select
        attempt_values.funnel_name,
        attempt_values.segment_values,
        map(coalesce(segments.names, []), attempt_values.segment_values) as segment_map
    from (
        select distinct funnel_name, segment_values
        from attempts
    ) as attempt_values
    left join segments on attempt_values.funnel_name = segments.funnel_name

),

replaced as (

    select
        days.funnel_name,
        persons.user_id,
        days.hold_constant_value,
        days.entry_date,
        days.entered_at,
        days.day_first_touch_at as first_touch_at,
        list_count(days.step_times) as steps_completed,
        days.step_times,
        case when days.is_converted then days.reached_at end as converted_at,
        case
            when days.is_converted then epoch_us(days.reached_at - days.entered_at) / 1e6
        end as seconds_to_convert,
        case
            when days.is_converted then epoch_us(days.reached_at - days.day_first_touch_at) / 1e6
        end as first_touch_seconds,
        case
            when days.is_converted then 'converted'
            when days.is_open then 'pending'
            when days.is_ended then 'excluded'
            else 'dropped'
        end as status,
        days.entered_at = best_of_units.entered_at as is_best_attempt,
        maps.segment_map as segment_values
    from best_of_days as days
    inner join best_of_units on {{ same_funnel_unit('days', 'best_of_units') }}
    left join {{ ref('int_persons') }} as persons on days.person_key = persons.person_key
    inner join maps
        on days.funnel_name = maps.funnel_name and days.segment_values = maps.segment_values

)
{%- if is_incremental() %},

older_bests as (

    select
        bests.funnel_name,
        persons.user_id,
        bests.hold_constant_value,
        bests.entry_date
    from {{ ref('int_funnel_unit_attempts') }} as bests
    inner join {{ ref('int_persons') }} as persons on bests.person_key = persons.person_key
    where
        bests.is_best
        and bests.entry_date + {{ reach_days_of_funnel() }}
        < {{ restate_from('funnel', column='bests.funnel_name') }}

),

older_attempts as not materialized (

    select known.*
    from {{ this }} as known
    semi join {{ definitions_table('funnels') }} as funnels
        on known.funnel_name = funnels.funnel_name
    where
        known.entry_date + {{ reach_days_of_funnel() }}
        < {{ restate_from('funnel', column='known.funnel_name') }}

),

turned as (

    -- The best before or now, and not both.
    select funnel_name, user_id, hold_constant_value, entry_date
    from (
        select funnel_name, user_id, hold_constant_value, entry_date
        from older_bests
        union all
        select funnel_name, user_id, hold_constant_value, entry_date
        from older_attempts
        where is_best_attempt
    ) as bests
    group by funnel_name, user_id, hold_constant_value, entry_date
    having count(*) = 1

)
{%- endif %}

select * from replaced
{%- if is_incremental() %}

union all

select
    funnel_name,
    user_id,
    hold_constant_value,
    entry_date,
    entered_at,
    first_touch_at,
    steps_completed,
    step_times,
    converted_at,
    seconds_to_convert,
    first_touch_seconds,
    status,
    not is_best_attempt as is_best_attempt,
    segment_values
from older_attempts
semi join turned using (funnel_name, user_id, hold_constant_value, entry_date)
{%- endif %}
