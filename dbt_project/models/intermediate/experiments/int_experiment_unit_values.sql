{#- The numbers of every analysed unit of an experiment: the metric in its window, the same before
    exposure, and how it moved between the halves of the window. A value that is capped is capped
    everywhere alike; a cap by percentile is that of the closed units of all arms. -#}
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
        window_days
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
    where best_attempts.step_times[wanted.step_index] is not null

),
{% endif %}
numbers as (

    -- A share asks whether a unit did it often enough, not how often.
    select
        units.experiment_name,
        units.unit_id,
        units.is_closed,
        units.exclusion_reason,
        wanted.value_name,
        wanted.cap,
        wanted.cap_share,
        {% for column in ['after_exposure', 'before_exposure', 'first_half', 'second_half'] %}
        cast(
            case
                {% if funnels and column == 'after_exposure' -%}
                when reached.unit_id is not null then 1
                {% endif -%}
                when sums.unit_id is null then 0
                when sums.at_least is not null
                    then cast(sums.{{ column }} >= sums.at_least as bigint)
                else sums.{{ column }}
            end as double
        ) as {{ column }},
        {% endfor %}
        wanted.has_covariate,
        wanted.aggregate not in ('returned', 'reached') as is_whole_window
    from units
    inner join wanted on units.experiment_name = wanted.experiment_name
    left join sums
        on units.experiment_name = sums.experiment_name
        and units.unit_id = sums.unit_id
        and wanted.value_name = sums.value_name
    {% if funnels %}
    left join reached
        on units.experiment_name = reached.experiment_name
        and units.unit_id = reached.unit_id
        and wanted.value_name = reached.value_name
    {% endif %}

),

caps as (
    {% for share in values | map(attribute='cap_share') | reject('none') | unique %}
    select
        experiment_name,
        value_name,
        quantile_cont(after_exposure, {{ share }}) as cap
    from numbers
    where cap_share = {{ share }} and is_closed and exclusion_reason is null
    group by experiment_name, value_name

    union all
    {% endfor %}
    select experiment_name, value_name, cap
    from wanted
    where cap is not null

),

capped as (

    select
        numbers.experiment_name,
        numbers.unit_id,
        numbers.value_name,
        caps.cap,
        {% for column in ['after_exposure', 'before_exposure', 'first_half', 'second_half'] %}
        least(numbers.{{ column }}, coalesce(caps.cap, numbers.{{ column }})) as {{ column }},
        {% endfor %}
        numbers.has_covariate,
        numbers.is_whole_window
    from numbers
    left join caps
        on numbers.experiment_name = caps.experiment_name and numbers.value_name = caps.value_name

),

final as (

    select
        metrics.experiment_name,
        metrics.metric_name,
        amounts.unit_id,
        amounts.after_exposure as metric_value,
        denominators.after_exposure as denominator_value,
        case when amounts.has_covariate then amounts.before_exposure end as covariate_value,
        case when amounts.has_covariate then denominators.before_exposure end
            as covariate_denominator_value,
        case
            when metrics.denominator_name is null and amounts.is_whole_window
                then amounts.second_half - amounts.first_half
        end as half_change,
        amounts.cap
    from {{ definitions_table('experiment_metrics') }} as metrics
    inner join capped as amounts
        on metrics.experiment_name = amounts.experiment_name
        and metrics.value_name = amounts.value_name
    left join capped as denominators
        on metrics.experiment_name = denominators.experiment_name
        and metrics.denominator_name = denominators.value_name
        and amounts.unit_id = denominators.unit_id

)

select * from final
