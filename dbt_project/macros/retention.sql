{#- Retentions: what matches, how a period is counted, and the marks of a user's first cohorts. -#}

{% macro retentions() -%}
    {#- The retentions of product.yml, as dicts. -#}
    {{ return(definition_rows('retentions')) }}
{%- endmacro %}

{% macro retention_names() -%}
    {#- The names of the retentions, as a SQL list: the place in it is a retention's number in a run. A
        text is several times as dear to write and to group by as a number, even where all are equal. -#}
    cast([{%- for retention in retentions() -%}
        {{ literal(retention.retention_name) }}{{ ', ' if not loop.last }}
    {%- endfor -%}] as varchar[])
{%- endmacro %}

{% macro retention_key_of(retention_name) -%}
    cast(list_position({{ retention_names() }}, {{ retention_name }}) as tinyint)
{%- endmacro %}

{% macro retention_name_of(retention_key) -%}
    {{ retention_names() }}[{{ retention_key }}]
{%- endmacro %}

{% macro retention_brackets() -%}
    {#- All brackets, as pairs of a retention and a dict with first_period and last_period. -#}
    {%- set pairs = [] -%}
    {%- set brackets = definition_rows('retention_brackets') -%}
    {%- for retention in retentions() -%}
        {%- for bracket in brackets if bracket.retention_name == retention.retention_name -%}
            {%- do pairs.append((retention, bracket)) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(pairs) }}
{%- endmacro %}

{% macro event_matches(event, where=none) -%}
    {#- Whether an event of this name (any when none) meets the condition; never NULL. -#}
    {%- if event %}event_name = {{ literal(event) }}{% else %}true{% endif -%}
    {%- if where %} and coalesce({{ where }}, false){% endif -%}
{%- endmacro %}

{% macro start_needs_times(retention) -%}
    {#- Whether the starts are found in single events; else in the sums of days. -#}
    {{ return(retention.start_where or (retention.clock == 'rolling' and not retention.is_first_time)) }}
{%- endmacro %}

{% macro return_needs_times(retention) -%}
    {#- Whether the returns are found in single events; else in the sums of days. -#}
    {{ return(retention.return_where or retention.clock == 'rolling' or retention.at_least > 1) }}
{%- endmacro %}

{% macro periods_between(interval, first_day, later_day) -%}
    {#- How many periods lie between the first days of two of them. -#}
    {%- if interval == 'day' -%}({{ later_day }} - {{ first_day }})
    {%- elif interval == 'week' -%}(({{ later_day }} - {{ first_day }}) // 7)
    {%- else -%}date_diff('month', {{ first_day }}, {{ later_day }})
    {%- endif -%}
{%- endmacro %}

{% macro rolling_days(interval) -%}
    {#- A period of the rolling clock in 24-hour days. -#}
    {{ return({'day': 1, 'week': 7, 'month': 30}[interval]) }}
{%- endmacro %}

{% macro product_hour(instant) -%}
    {#- A UTC instant floored to the full hour of the product's clocks, as a UTC instant. -#}
    {%- if time_zone() in ['UTC', 'Etc/UTC'] -%}date_trunc('hour', {{ instant }})
    {%- else -%}
        {%- set local = "timezone('" ~ time_zone() ~ "', timezone('UTC', " ~ instant ~ "))" -%}
    ({{ instant }} - ({{ local }} - date_trunc('hour', {{ local }})))
    {%- endif -%}
{%- endmacro %}

{% macro cell_sees_until(clock, interval, cohort_start, period_index) -%}
    {#- The last product day whose events period_index of a cohort can use. -#}
    {%- if clock == 'rolling' -%}
    {{ next_period_start(interval, cohort_start) }} - 1 + cast(({{ period_index }} + 1) * {{ rolling_days(interval) }} as integer)
    {%- elif interval == 'month' -%}
    cast({{ cohort_start }} + to_months(cast({{ period_index }} + 1 as integer)) as date) - 1
    {%- else -%}
    {{ cohort_start }} + cast(({{ period_index }} + 1) * {{ 7 if interval == 'week' else 1 }} as integer) - 1
    {%- endif -%}
{%- endmacro %}

{% macro rolling_period(interval, started_at, returned_at) -%}
    {#- How many whole periods of the rolling clock lie between two instants, both floored. -#}
    cast(
        floor(
            epoch({{ product_hour(returned_at) }} - {{ product_hour(started_at) }})
            / {{ 86400 * rolling_days(interval) }}
        ) as bigint
    )
{%- endmacro %}

{% macro returns_by_period(cells, key) -%}
    {#- Back in period i and, before that, last in period h: on period i, and on or after each n with
        h < n <= i. So a cell adds its users at h + 1 and takes them off again after i; a running
        sum over the periods gives returns on or after. `key` is what a cohort is broken down by:
        there are far fewer periods than pairs of them, so each side is summed up on its own first. -#}
    with by_period as (

        select
            retention_name,
            {{ key }},
            cohort_start,
            period_index,
            periods,
            sum(users_count) as users_count
        from {{ cells }}
        group by retention_name, {{ key }}, cohort_start, period_index, periods

    ),

    by_previous as (

        select
            retention_name,
            {{ key }},
            cohort_start,
            previous_index,
            sum(users_count) as users_count,
            sum(case when period_index <= periods then users_count else 0 end)
                as users_within_horizon
        from {{ cells }}
        group by retention_name, {{ key }}, cohort_start, previous_index

    )

    select
        retention_name,
        {{ key }},
        cohort_start,
        period_index,
        users_count as retained_users,
        0 as change,
        0 as change_within_horizon
    from by_period
    where period_index <= periods

    union all

    select
        retention_name,
        {{ key }},
        cohort_start,
        previous_index + 1,
        0,
        users_count,
        users_within_horizon
    from by_previous

    union all

    select
        retention_name,
        {{ key }},
        cohort_start,
        period_index + 1,
        0,
        -users_count,
        -users_count
    from by_period
    where period_index < periods
{%- endmacro %}

{% macro on_or_after(grid, returns) -%}
    {#- The grid of cohorts and periods with the users who came back on and on or after each. -#}
    select
        {{ grid }}.*,
        cast(coalesce(totals.retained_users, 0) as bigint) as retained_users,
        cast(coalesce(sum(totals.change) over so_far, 0) as bigint) as retained_on_or_after_users,
        cast(coalesce(sum(totals.change_within_horizon) over so_far, 0) as bigint)
            as retained_on_or_after_within_horizon_users
    from {{ grid }}
    left join (
        select
            retention_name,
            segment_key,
            cohort_start,
            period_index,
            sum(retained_users) as retained_users,
            sum(change) as change,
            sum(change_within_horizon) as change_within_horizon
        from {{ returns }}
        group by retention_name, segment_key, cohort_start, period_index
    ) as totals
        on {{ grid }}.retention_name = totals.retention_name
        and {{ grid }}.segment_key = totals.segment_key
        and {{ grid }}.cohort_start = totals.cohort_start
        and {{ grid }}.period_index = totals.period_index
    window so_far as (
        partition by {{ grid }}.retention_name, {{ grid }}.segment_key, {{ grid }}.cohort_start
        order by {{ grid }}.period_index
        rows between unbounded preceding and current row
    )
{%- endmacro %}
