{#- The numbers of the analysed units of an experiment: the metric in its window, the same before
    exposure, and how it moved between the halves of the window. Most units do nothing that most
    metrics count: they have no row, and what such a unit has is told by the row without a unit. A
    value that is capped is capped everywhere alike; a cap by percentile is that of the closed units
    of all arms. -#}
{%- set values = experiment_values() -%}
{%- set steps = values | selectattr('aggregate', 'equalto', 'reached') -%}
{%- set funnels = steps | map(attribute='funnel_name') | list -%}

-- depends_on: {{ ref('int_funnel_attempts') }}
-- depends_on: {{ ref('int_persons') }}
with judged as (

    {{ judged_units() }}

),

units as (

    select
        experiment_name,
        unit_id,
        exclusion_reason,
        is_closed,
        cast({{ setting('window_days') }} as bigint) as window_days
    from judged
    where is_analysed

),

wanted as (

    select
        experiment_name,
        value_name,
        aggregate,
        at_least,
        first_period,
        last_period,
        cap,
        cap_share,
        has_covariate,
        funnel_name,
        step_index
    from {{ definitions_table('experiment_values') }}
    where aggregate != 'activation'

),

periods as (

    select
        periods.experiment_name,
        periods.unit_id,
        periods.value_name,
        wanted.aggregate,
        wanted.at_least,
        periods.period_index < 0 as is_before,
        periods.period_index between wanted.first_period and wanted.last_period as is_after,
        periods.period_index between 0 and units.window_days // 2 - 1 as is_first_half,
        periods.period_index >= units.window_days - units.window_days // 2 as is_second_half,
        case wanted.aggregate
            when 'count' then periods.events_count
            when 'returned' then periods.events_count
            when 'sum' then periods.value
            else 1
        end as added
    from {{ ref('int_experiment_periods') }} as periods
    inner join units
        on periods.experiment_name = units.experiment_name and periods.unit_id = units.unit_id
    inner join wanted
        on periods.experiment_name = wanted.experiment_name
        and periods.value_name = wanted.value_name

),

sums as (

    select
        experiment_name,
        unit_id,
        value_name,
        coalesce(sum(added) filter (where is_after), 0) as after_exposure,
        coalesce(sum(added) filter (where is_before), 0) as before_exposure,
        coalesce(sum(added) filter (where is_first_half), 0) as first_half,
        coalesce(sum(added) filter (where is_second_half), 0) as second_half,
        any_value(at_least) filter (where aggregate in ('proportion', 'returned')) as at_least
    from periods
    group by experiment_name, unit_id, value_name

),

{% if funnels %}
best_attempts as (

    -- The funnel's own rule, over nothing but the events of a unit's window.
    select
        funnel_name,
        person_key,
        arg_max(step_times, {{ attempt_rank() }}) as step_times
    from {{ ref('int_funnel_attempts') }}
    where funnel_name in ({{ literals(funnels) }})
    group by funnel_name, person_key, hold_constant_value

),

reached as (

    -- With held properties: when the unit came there with any of their values.
    select distinct
        wanted.experiment_name,
        persons.user_id as unit_id,
        wanted.value_name
    from wanted
    inner join best_attempts on wanted.funnel_name = best_attempts.funnel_name
    inner join {{ ref('int_persons') }} as persons
        on best_attempts.person_key = persons.person_key
    inner join units
        on wanted.experiment_name = units.experiment_name and persons.user_id = units.unit_id
    where best_attempts.step_times[wanted.step_index] is not null

),
{% endif %}
numbers as (

    -- A share asks whether a unit did it often enough, not how often.
    select
        experiment_name,
        unit_id,
        {% for column in ['after_exposure', 'before_exposure', 'first_half', 'second_half'] %}
        case
            when at_least is null then {{ column }}
            else cast({{ column }} >= at_least as double)
        end as {{ column }},
        {% endfor %}
        value_name
    from sums
    {% if funnels %}
    union all

    select
        experiment_name,
        unit_id,
        1 as after_exposure,
        0 as before_exposure,
        0 as first_half,
        0 as second_half,
        value_name
    from reached
    {% endif %}

),

caps as (
    {% for share in values | map(attribute='cap_share') | reject('none') | unique %}
    select
        wanted.experiment_name,
        wanted.value_name,
        quantile_cont(coalesce(numbers.after_exposure, 0), {{ share }}) as cap
    from wanted
    inner join units on wanted.experiment_name = units.experiment_name
    left join numbers
        on wanted.experiment_name = numbers.experiment_name
        and wanted.value_name = numbers.value_name
        and units.unit_id = numbers.unit_id
    where wanted.cap_share = {{ share }} and units.is_closed and units.exclusion_reason is null
    group by wanted.experiment_name, wanted.value_name

    union all
    {% endfor %}
    select experiment_name, value_name, cap
    from wanted
    where cap is not null

),

metrics as (

    select
        metrics.experiment_name,
        metrics.metric_name,
        metrics.value_name,
        metrics.denominator_name,
        wanted.has_covariate,
        wanted.aggregate not in ('returned', 'reached') and metrics.denominator_name is null
            as has_halves,
        amount_caps.cap,
        denominator_caps.cap as denominator_cap
    from {{ definitions_table('experiment_metrics') }} as metrics
    inner join wanted
        on metrics.experiment_name = wanted.experiment_name
        and metrics.value_name = wanted.value_name
    left join caps as amount_caps
        on metrics.experiment_name = amount_caps.experiment_name
        and metrics.value_name = amount_caps.value_name
    left join caps as denominator_caps
        on metrics.experiment_name = denominator_caps.experiment_name
        and metrics.denominator_name = denominator_caps.value_name

),

doers as (

    select metrics.experiment_name, metrics.metric_name, numbers.unit_id
    from metrics
    inner join numbers
        on metrics.experiment_name = numbers.experiment_name
        and metrics.value_name = numbers.value_name

    union

    select metrics.experiment_name, metrics.metric_name, numbers.unit_id
    from metrics
    inner join numbers
        on metrics.experiment_name = numbers.experiment_name
        and metrics.denominator_name = numbers.value_name

    union all

    select experiment_name, metric_name, null as unit_id
    from metrics

),

final as (

    select
        doers.experiment_name,
        doers.metric_name,
        doers.unit_id,
        {{ capped('amounts.after_exposure', 'metrics.cap') }} as metric_value,
        case
            when metrics.denominator_name is not null
                then {{ capped('denominators.after_exposure', 'metrics.denominator_cap') }}
        end as denominator_value,
        case
            when metrics.has_covariate
                then {{ capped('amounts.before_exposure', 'metrics.cap') }}
        end as covariate_value,
        case
            when metrics.has_covariate and metrics.denominator_name is not null
                then {{ capped('denominators.before_exposure', 'metrics.denominator_cap') }}
        end as covariate_denominator_value,
        case
            when metrics.has_halves
                then
                    {{ capped('amounts.second_half', 'metrics.cap') }}
                    - {{ capped('amounts.first_half', 'metrics.cap') }}
        end as half_change,
        metrics.cap
    from doers
    inner join metrics
        on doers.experiment_name = metrics.experiment_name
        and doers.metric_name = metrics.metric_name
    left join numbers as amounts
        on doers.experiment_name = amounts.experiment_name
        and metrics.value_name = amounts.value_name
        and doers.unit_id = amounts.unit_id
    left join numbers as denominators
        on doers.experiment_name = denominators.experiment_name
        and metrics.denominator_name = denominators.value_name
        and doers.unit_id = denominators.unit_id

)

select * from final
