{#- Metrics: the one place where product.yml says which events count and what each adds. -#}

{% macro metrics() -%}
    {#- The metrics over events of product.yml, as dicts. -#}
    {{ return(definition_rows('metrics')) }}
{%- endmacro %}

{% macro rate_metrics() -%}
    {#- The metrics that are a ratio of two others, a retention or a step of a funnel, as dicts. -#}
    {{ return(definition_rows('rate_metrics')) }}
{%- endmacro %}

{% macro followed_metrics(clock=none) -%}
    {#- What is summed by age: dicts with followed_name and the definitions of retention and metric. -#}
    {%- set found = [] -%}
    {%- set all_retentions, all_metrics = retentions(), metrics() -%}
    {%- for followed in definition_rows('followed_metrics') -%}
        {%- for retention in all_retentions if retention.retention_name == followed.retention_name -%}
            {%- for metric in all_metrics if metric.metric_name == followed.metric_name -%}
                {%- if clock is none or retention.clock == clock -%}
                    {%- do found.append({
                        'followed_name': followed.followed_name, 'retention': retention, 'metric': metric
                    }) -%}
                {%- endif -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}

{% macro metrics_of(source) -%}
    {#- The metrics that are summed over single events, or those that the sums of days give. -#}
    {%- set found = [] -%}
    {%- for metric in metrics() -%}
        {%- set needed = 'events' if metric.condition or metric.aggregate == 'sum' else 'days' -%}
        {%- if source == needed -%}{%- do found.append(metric) -%}{%- endif -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}

{% macro earliest_restate_from(kind, names) -%}
    {#- The earliest restate_from of several named definitions. -#}
    {%- set days = [] -%}
    {%- for name in names -%}{%- do days.append(restate_from(kind, name)) -%}{%- endfor -%}
    least({{ days | join(', ') }})
{%- endmacro %}

{% macro metric_events(metrics, where) -%}
    {#- The events that count for the metrics, one row each, with what they add: events are read once
        for all of them. Whatever sums a metric over a day, an hour or part of a day reads this. -#}
    select
        user_id,
        event_date,
        event_at,
        unnest(counted, recursive := true)
    from (
        select
            user_id,
            event_date,
            event_at,
            [
                {% for metric in metrics %}
                case
                    when {{ event_matches(metric.event, metric.condition) }}
                        then {
                            'metric_name': '{{ metric.metric_name }}',
                            'value': cast({{ metric.value or 1 }} as double)
                        }
                end{{ ',' if not loop.last }}
                {% endfor %}
            ] as counted
        from {{ ref('int_events_segmented') }}
        where
            {{ where }}
            and (
                {% for metric in metrics %}
                ({{ event_matches(metric.event, metric.condition) }}){{ ' or' if not loop.last }}
                {% endfor %}
            )
    )
{%- endmacro %}
