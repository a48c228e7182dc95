{#- What the people of each arm made of a metric in the last 28 product days, and everybody: what a
    lift would lift. A metric adds up when it is counted over events; caps are left out. -#}
-- depends_on: {{ ref('int_experiment_periods') }}
with judged as (

    {{ judged_units() }}

),

people as (

    select
        experiment_name,
        first_variant as variant,
        unit_id as user_id
    from judged
    where
        {{ setting('unit_kind') }} = 'user' and is_analysed and is_activated is distinct from false

),

wanted as (

    select
        metrics.experiment_name,
        metrics.metric_name,
        counted.aggregate
    from {{ definitions_table('experiment_metrics') }} as metrics
    inner join {{ definitions_table('experiment_values') }} as counted
        on metrics.experiment_name = counted.experiment_name
        and metrics.value_name = counted.value_name
    where
        metrics.denominator_name is null
        and counted.aggregate in ('count', 'sum', 'unique_days', 'proportion')

),

sums as (

    select
        metric_name,
        user_id,
        sum(events_count) as events_count,
        sum(value) as value,
        count(*) as days_count
    from {{ ref('int_user_metric_days') }}
    where activity_date > {{ last_date() }} - {{ rollout_days() }}
    group by metric_name, user_id

),

aggregates as (

    select distinct metric_name, aggregate
    from wanted

),

amounts as (

    select
        sums.metric_name,
        sums.user_id,
        cast(
            case aggregates.aggregate
                when 'count' then sums.events_count
                when 'sum' then sums.value
                when 'unique_days' then sums.days_count
                else 1
            end as double
        ) as amount
    from sums
    inner join aggregates on sums.metric_name = aggregates.metric_name

),

totals as (

    select metric_name, sum(amount) as product_value
    from amounts
    group by metric_name

),

arms as (

    select experiment_name, variant, count(*) as users_count
    from people
    group by experiment_name, variant

),

eligible as (

    -- Most people did nothing that most metrics count: they are counted, not looked at one by one.
    select
        wanted.experiment_name,
        wanted.metric_name,
        people.variant,
        sum(amounts.amount) as eligible_value
    from amounts
    inner join people on amounts.user_id = people.user_id
    inner join wanted
        on people.experiment_name = wanted.experiment_name
        and amounts.metric_name = wanted.metric_name
    group by wanted.experiment_name, wanted.metric_name, people.variant

)

select
    arms.experiment_name,
    wanted.metric_name,
    arms.variant,
    arms.users_count,
    coalesce(eligible.eligible_value, 0) as eligible_value,
    coalesce(totals.product_value, 0) as product_value
from arms
inner join wanted on arms.experiment_name = wanted.experiment_name
left join eligible
    on arms.experiment_name = eligible.experiment_name
    and wanted.metric_name = eligible.metric_name
    and arms.variant = eligible.variant
left join totals on wanted.metric_name = totals.metric_name
