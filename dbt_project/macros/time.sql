{#- The rule of time: which rows a run replaces, and what a product day, week and month are. -#}

{% macro run_row() -%}
    {#- The row that the run wrote before dbt started: as_of, lake_restate_from, lake_directory. -#}
    {%- set rows = definition_rows('run') -%}
    {{ return(rows[0] if rows else {}) }}
{%- endmacro %}

{% macro as_of() -%}
    {#- Only events before this instant count. UTC. -#}
    timestamp '{{ run_row().get('as_of', '2000-01-01') }}'
{%- endmacro %}

{% macro last_date() -%}
    {#- The product day of the last instant that counts. -#}
    {{ product_date(as_of() ~ " - interval 1 microsecond") }}
{%- endmacro %}

{% macro lake_restate_from() -%}
    {#- The earliest product day on which the lake or the as-of changed since the last publication. -#}
    date '{{ run_row().get('lake_restate_from', '0001-01-01') }}'
{%- endmacro %}

{% macro restate_from(kind=none, name=none, column=none) -%}
    {#- The earliest product day on which any event was added, removed or changed in person:
        every dated incremental model replaces exactly its rows with sees_until >= this day. For a
        named definition that changed, the beginning of time: all its rows are replaced. With
        `column`, an expression over the definition's name in a row instead of one name. -#}
    {%- set run_window = ref('int_run_window') -%}
    {%- set beginning = "date '0001-01-01'" -%}
    {%- if not execute -%}{{ return(beginning) }}{%- endif -%}
    {%- set changed = changed_definitions(kind) if kind else [] -%}
    {%- if name in changed -%}{{ return(beginning) }}{%- endif -%}
    {%- set day = "date '" ~ asked_once("select restate_from from " ~ run_window)[0].restate_from ~ "'" -%}
    {%- if not column or not changed -%}{{ return(day) }}{%- endif -%}
    case when {{ column }} in ({{ literals(changed) }}) then {{ beginning }} else {{ day }} end
{%- endmacro %}

{% macro feature_of_subject(relation=none) -%}
    {#- The feature that a row of a subject is about; NULL for the product. -#}
    {%- set prefix = relation ~ '.' if relation else '' -%}
    case when {{ prefix }}subject_kind = 'feature' then {{ prefix }}subject_name end
{%- endmacro %}

{% macro subject_restate_from(relation=none) -%}
    {#- The restate_from of a row's subject: the beginning of time for a feature that changed. -#}
    {{ restate_from('feature', column=feature_of_subject(relation)) }}
{%- endmacro %}

{% macro published_identities() -%}
    {#- core.identities as the run before left it; none in a database that is built from nothing. -#}
    {%- if not execute -%}{{ return(none) }}{%- endif -%}
    {{ return(load_relation(api.Relation.create(
        database=this.database, schema='core', identifier='identities'
    ))) }}
{%- endmacro %}

{% macro in_utc() -%}
    {#- Whether product days are those of UTC. -#}
    {{ return(time_zone() in ['UTC', 'Etc/UTC']) }}
{%- endmacro %}

{% macro product_date(instant) -%}
    {#- The product day of a UTC instant. -#}
    {%- if in_utc() -%}cast({{ instant }} as date)
    {%- else -%}cast(timezone('{{ time_zone() }}', timezone('UTC', {{ instant }})) as date)
    {%- endif -%}
{%- endmacro %}

{% macro day_start(day) -%}
    {#- The UTC instant at which a product day begins. Where clocks are put back at midnight its first
        hour comes twice, and the engine names the second: the day began an hour earlier. -#}
    {%- if in_utc() -%}cast({{ day }} as timestamp)
    {%- else -%}
    {%- set midnight = "timezone('UTC', timezone('" ~ time_zone() ~ "', cast(" ~ day ~ " as timestamp)))" -%}
    case
        when {{ product_date(midnight ~ ' - interval 1 hour') }} = {{ day }} then {{ midnight }} - interval 1 hour
        else {{ midnight }}
    end
    {%- endif -%}
{%- endmacro %}

{% macro reporting_intervals() -%}
    {#- The lengths of a period: SQL of period_start and next_period_start exists for each. -#}
    {{ return(['day', 'week', 'month']) }}
{%- endmacro %}

{% macro power_user_windows() -%}
    {#- The lengths in days of the windows of L7 and L28: whole weeks. -#}
    {{ return([7, 28]) }}
{%- endmacro %}

{% macro period_start(interval, day) -%}
    {#- The first day of the day's day, week or month in the product's calendar. -#}
    {%- if interval == 'day' -%}{{ day }}
    {%- elif interval == 'week' and week_starts_on() == 'sunday' -%}
    cast(date_trunc('week', {{ day }} + 1) as date) - 1
    {%- else -%}cast(date_trunc('{{ interval }}', {{ day }}) as date)
    {%- endif -%}
{%- endmacro %}

{% macro next_period_start(interval, first_day, periods=1) -%}
    {#- The first day of the period that many periods later (earlier when negative). -#}
    {%- if interval == 'day' -%}{{ first_day }} + {{ periods }}
    {%- elif interval == 'week' -%}{{ first_day }} + {{ 7 * periods }}
    {%- else -%}cast({{ first_day }} + interval ({{ periods }}) month as date)
    {%- endif -%}
{%- endmacro %}

{% macro session_reach_days() -%}
    {#- How many product days after its own a session can reach in its 24 hours: where clocks are
        put forward, the day after may last 23 hours only, and the session ends on the next. -#}
    {{ return(1 if in_utc() else 2) }}
{%- endmacro %}

{% macro events_since(day, relation=none) -%}
    {#- Only events of these product days that count; utc_date lets the engine skip whole files. -#}
    {%- set prefix = relation ~ '.' if relation else '' -%}
    {{ prefix }}event_date >= {{ day }}
    and {{ prefix }}utc_date >= {{ day }} - 1
    and {{ prefix }}event_at < {{ as_of() }}
{%- endmacro %}
