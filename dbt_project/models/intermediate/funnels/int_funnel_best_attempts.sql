{#- The best attempt that a counting unit began on a product day, among the starts whose window was
    over at as-of and among the others: the deepest, then the one that came to that depth first,
    then the latest start. Of the days that this run replaces. The attempts that something else than
    time can end are looked at only where a funnel has such. -#}
{%- set chained = chained_funnels() -%}
{%- set are_all_chained = chained | length == definition_rows('funnels') | length %}

-- depends_on: {{ ref('int_funnel_scans') }}, {{ ref('int_funnel_sets') }}
with chains as (

    select
        *,
        {{ funnel_key_of('chains') }} in ({{ chained | join(', ') or '0' }}) as is_chained
    from {{ ref('int_funnel_chains') }} as chains

)
{%- if not are_all_chained %},

candidates as (

    select * exclude (is_chained) from chains
    where not is_chained
    union all
    select * from {{ ref('int_funnel_scans') }}
    union all
    select * from {{ ref('int_funnel_sets') }}

),

best_attempts as (

    select
        {{ funnel_unit() }},
        entry_date,
        is_mature,
        min(first_touch_at) as first_touch_at,
        bool_or(is_live) as is_live,
        arg_max(
            struct_pack(
                entered_at := entered_at,
                entry_step := entry_step,
                start_kind_key := start_kind_key,
                depth := depth,
                reached_at := reached_at,
                required_times := step_times,
                is_ended := is_ended
            ),
            (depth, -entry_step, -epoch_us(reached_at), entered_at)
        ) as best
    from candidates
    group by {{ funnel_unit() }}, entry_date, is_mature

)

select
    {{ funnel_unit() }},
    entry_date,
    is_mature,
    first_touch_at,
    is_live,
    best.entered_at,
    best.entry_step,
    best.start_kind_key,
    best.depth,
    best.reached_at,
    best.required_times,
    best.is_ended
from best_attempts

union all
{% endif %}
-- Where nothing else can end an attempt, there is no other.
select
    {{ funnel_unit() }},
    entry_date,
    is_mature,
    first_touch_at,
    is_live,
    entered_at,
    entry_step,
    start_kind_key,
    depth,
    reached_at,
    step_times as required_times,
    is_ended
from chains
where is_chained
