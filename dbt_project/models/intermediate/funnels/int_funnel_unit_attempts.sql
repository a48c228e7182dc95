{{
    config(
        materialized='incremental',
        incremental_strategy='replace_from',
        sees_until='sees_until',
        unique_key=['funnel_name', 'person_key', 'hold_constant_value'],
        definition={'kind': 'funnel', 'column': 'funnel_name'},
    )
}}

{#- The best attempt of each counting unit over all days: among all (is_best) and among those whose
    window was over at as-of (is_best_mature). Mostly one attempt is both, and then one row. What a
    unit's rows can see is what its last attempt can, so that a run chooses anew for the units that
    have an attempt in its window, or had one, and keeps the others. -#}
-- depends_on: {{ ref('int_run_window') }}
with attempts as not materialized (

    select
        *,
        {{ attempt_rank() }} as attempt_rank
    from {{ stored_funnel_attempts(ref('int_funnel_attempts')) }} as stored

),
{% if is_incremental() %}
touched as (

    select {{ funnel_unit() }}
    from attempts
    where sees_until >= {{ restate_from('funnel', column='funnel_name') }}

    union

    select {{ funnel_unit() }}
    from {{ stored_funnel_attempts(this) }} as known
    where sees_until >= {{ restate_from('funnel', column='funnel_name') }}

),
{% endif %}
best as (

    select
        {{ funnel_unit('attempts') }},
        max(attempts.attempt_rank) as best_rank,
        max(case when attempts.is_mature then attempts.attempt_rank end) as best_mature_rank,
        min(attempts.first_touch_at) as first_touch_at,
        max(attempts.sees_until) as sees_until
    from attempts
    {% if is_incremental() -%}
    semi join touched on {{ same_funnel_unit('attempts', 'touched') }}
    {%- endif %}
    group by {{ funnel_unit('attempts') }}

),

final as (

    select
        attempts.funnel_name,
        attempts.person_key,
        attempts.hold_constant_value,
        attempts.attempt_rank = best.best_rank as is_best,
        attempts.is_mature and attempts.attempt_rank = best.best_mature_rank as is_best_mature,
        attempts.entry_date,
        best.first_touch_at,
        attempts.entered_at,
        attempts.step_times,
        attempts.segment_values,
        best.sees_until
    from attempts
    inner join best on {{ same_funnel_unit('attempts', 'best') }}
    where
        attempts.attempt_rank = best.best_rank
        or (attempts.is_mature and attempts.attempt_rank = best.best_mature_rank)

)

select
    * replace (coalesce(is_best_mature, false) as is_best_mature)
from final
