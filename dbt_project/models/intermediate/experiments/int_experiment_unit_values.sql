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
        unit_key,
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
        row_number() over (order by experiment_name, value_name) as value_key,
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
        units.unit_key,
        wanted.value_key,
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
        unit_key,
        value_key,
        coalesce(sum(added) filter (where is_after), 0) as after_exposure,
        coalesce(sum(added) filter (where is_before), 0) as before_exposure,
        coalesce(sum(added) filter (where is_first_half), 0) as first_half,
        coalesce(sum(added) filter (where is_second_half), 0) as second_half,
        any_value(at_least) filter (where aggregate in ('proportion', 'returned')) as at_least
    from periods
    group by unit_key, value_key

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
        units.unit_key,
        wanted.value_key
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
        unit_key,
        {% for column in ['after_exposure', 'before_exposure', 'first_half', 'second_half'] %}
        case
            when at_least is null then {{ column }}
            else cast({{ column }} >= at_least as double)
        end as {{ column }},
        {% endfor %}
        value_key
    from sums
    {% if funnels %}
    union all

    select
        unit_key,
        1 as after_exposure,
        0 as before_exposure,
        0 as first_half,
        0 as second_half,
        value_key
    from reached
    {% endif %}

),

caps as (
    {% for share in values | map(attribute='cap_share') | reject('none') | unique %}
    select
        wanted.value_key,
        quantile_cont(coalesce(numbers.after_exposure, 0), {{ share }}) as cap
    from wanted
    inner join units on wanted.experiment_name = units.experiment_name
    left join numbers
        on wanted.value_key = numbers.value_key and units.unit_key = numbers.unit_key
    where wanted.cap_share = {{ share }} and units.is_closed and units.exclusion_reason is null
    group by wanted.value_key

    union all
    {% endfor %}
    select value_key, cap
    from wanted
    where cap is not null

),

numbered as (

    {{ numbered_metrics() }}

),

metrics as (

    select
        numbered.metric_key,
        amounts.value_key,
        denominators.value_key as denominator_key,
        amounts.has_covariate,
        amounts.aggregate not in ('returned', 'reached') and denominators.value_key is null
            as has_halves,
        amount_caps.cap,
        denominator_caps.cap as denominator_cap
    from numbered
    inner join wanted as amounts
        on numbered.experiment_name = amounts.experiment_name
        and numbered.value_name = amounts.value_name
    left join wanted as denominators
        on numbered.experiment_name = denominators.experiment_name
        and numbered.denominator_name = denominators.value_name
    left join caps as amount_caps on amounts.value_key = amount_caps.value_key
    left join caps as denominator_caps on denominators.value_key = denominator_caps.value_key

),

amounts as (

    select metrics.metric_key, numbers.*
    from metrics
    inner join numbers on metrics.value_key = numbers.value_key

),

denominators as (

    select metrics.metric_key, numbers.*
    from metrics
    inner join numbers on metrics.denominator_key = numbers.value_key

),

amounts_and_denominators as (

    select
        coalesce(amounts.metric_key, denominators.metric_key) as metric_key,
        coalesce(amounts.unit_key, denominators.unit_key) as unit_key,
        amounts.after_exposure,
        amounts.before_exposure,
        amounts.first_half,
        amounts.second_half,
        denominators.after_exposure as denominator_after,
        denominators.before_exposure as denominator_before
    from amounts
    full join denominators
        on amounts.metric_key = denominators.metric_key
        and amounts.unit_key = denominators.unit_key

    union all

    -- Every other unit.
    select
        metric_key,
        null as unit_key,
        null as after_exposure,
        null as before_exposure,
        null as first_half,
        null as second_half,
        null as denominator_after,
        null as denominator_before
    from metrics

),

final as (

    select
        metrics.metric_key,
        parts.unit_key,
        {{ capped('parts.after_exposure', 'metrics.cap') }} as metric_value,
        case
            when metrics.denominator_key is not null
                then {{ capped('parts.denominator_after', 'metrics.denominator_cap') }}
        end as denominator_value,
        case
            when metrics.has_covariate
                then {{ capped('parts.before_exposure', 'metrics.cap') }}
        end as covariate_value,
        case
            when metrics.has_covariate and metrics.denominator_key is not null
                then {{ capped('parts.denominator_before', 'metrics.denominator_cap') }}
        end as covariate_denominator_value,
        case
            when metrics.has_halves
                then
                    {{ capped('parts.second_half', 'metrics.cap') }}
                    - {{ capped('parts.first_half', 'metrics.cap') }}
        end as half_change,
        metrics.cap
    from amounts_and_denominators as parts
    inner join metrics on parts.metric_key = metrics.metric_key

)

select * from final
