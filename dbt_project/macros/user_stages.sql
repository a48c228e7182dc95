{#- Stages of a person as of a product day, from the last row of int_user_activity up to that day.
    Two windows of 28 days: W1 ends with the day, W0 lies before it. -#}

{% macro user_stage(activity, day) -%}
    {#- Active in W1 is whose last active day lies in it. A run that began before W1 has a day in
        W0; of a run that began in W1 the last day before it decides. -#}
    case
        when {{ activity }}.activity_date <= {{ day }} - 28 then 'dormant'
        when {{ activity }}.first_active_date > {{ day }} - 28 then 'new'
        when
            {{ activity }}.run_start_date > {{ day }} - 28
            and {{ activity }}.active_before_run_date <= {{ day }} - 56
            then 'resurrected'
        when {{ is_at_risk(activity, day) }} then 'at_risk'
        else 'current'
    end
{%- endmacro %}

{% macro is_at_risk(activity, day) -%}
    {#- Away for more than twice the person's own median gap between active days, of at least 5. -#}
    (
        {{ activity }}.gaps_count >= 5
        and {{ day }} - {{ activity }}.activity_date > 2 * {{ activity }}.median_gap_days
    )
{%- endmacro %}

{% macro current_since(activity, day) -%}
    {#- 28 days after the run began W0 reaches into it; earlier, it is the run's first day, which
        found the last days before the pause in W0. -#}
    case
        when {{ activity }}.run_start_date <= {{ day }} - 28
            then {{ activity }}.run_start_date + 28
        else {{ activity }}.run_start_date
    end
{%- endmacro %}

{% macro user_stage_since(activity, day) -%}
    {#- The first product day of the unbroken stretch of days in this stage. -#}
    case {{ user_stage(activity, day) }}
        when 'dormant' then {{ activity }}.activity_date + 28
        when 'new' then {{ activity }}.first_active_date
        when 'resurrected'
            then greatest({{ activity }}.run_start_date, {{ activity }}.active_before_run_date + 56)
        when 'at_risk'
            then greatest(
                {{ activity }}.activity_date
                + cast(floor(2 * {{ activity }}.median_gap_days) as integer) + 1,
                {{ current_since(activity, day) }}
            )
        else greatest(
            coalesce({{ activity }}.came_back_date, {{ activity }}.first_active_date),
            {{ current_since(activity, day) }}
        )
    end
{%- endmacro %}

{% macro user_activity_columns() -%}
    {#- What a stage is worked out from. -#}
    {{ return([
        'activity_date', 'first_active_date', 'run_start_date', 'active_before_run_date',
        'gaps_count', 'median_gap_days', 'came_back_date',
    ]) }}
{%- endmacro %}
