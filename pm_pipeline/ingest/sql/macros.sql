{# Shared pieces: blank text, times. Each macro gives one SQL expression. #}

{# Text that says nothing is missing; what says something stays as it is. #}
{% macro present(expression) -%}
case when not regexp_full_match({{ expression }}, '[\s\v\x{00A0}]*') then {{ expression }} end
{%- endmacro %}

{% macro known_id(expression) -%}
{% if ignore_ids -%}
case when {{ present(expression) }} not in ({{ ignore_ids | lits }}) then {{ expression }} end
{%- else -%}
{{ present(expression) }}
{%- endif %}
{%- endmacro %}

{# A moment without an offset, in the zone of the column, as one in UTC. #}
{% macro from_zone(expression, zone) -%}
{% if zone in (none, 'UTC') %}{{ expression }}{% else -%}
timezone('UTC', timezone({{ zone | lit }}, {{ expression }}))
{%- endif %}
{%- endmacro %}

{# Whole numbers go by integers; fractions by decimals, never by floats. A branch of a CASE may be
   computed for rows that it is not meant for: hence the tries. #}
{% macro epoch(text, digits, scale) -%}
{% set whole = "try_cast(" ~ text ~ " as bigint)" -%}
{% set decimal = "try_cast(" ~ text ~ " as decimal(28, 9))" -%}
{% set float = "try_cast(" ~ text ~ " as double)" -%}
case
    when regexp_full_match({{ text }}, {{ ('\\s*[-+]?\\d{1,' ~ digits ~ '}\\s*') | lit }})
        then try(make_timestamp({{ whole }} * {{ scale }}))
    when regexp_full_match({{ text }}, {{ ('\\s*[-+]?\\d{1,' ~ digits ~ '}\\.\\d{0,9}\\s*') | lit }})
        then try(make_timestamp(cast(round({{ decimal }} * {{ scale }}) as bigint)))
    when regexp_full_match({{ text }}, '\s*\d(\.\d+)?[eE]\+?\d{1,2}\s*')
        then try(make_timestamp(cast(round({{ float }} * {{ scale }}) as bigint)))
end
{%- endmacro %}

{# The common forms are read as they are; the rarer ones after they were brought into form. #}
{% macro iso8601(text, zone) -%}
{% set tidy = "trim(upper(replace(" ~ text ~ ", ',', '.')), " ~ (blanks | lit) ~ ")" -%}
case
    {% for form in (text, tidy) %}
    when regexp_full_match({{ form }}, '\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)? ?(Z|[-+]\d\d(:?\d\d)?)')
        then timezone('UTC', try_cast({{ form }} as timestamptz))
    when regexp_full_match({{ form }}, '\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?)?')
        then {{ from_zone('try_cast(' ~ form ~ ' as timestamp)', zone) }}
    {% endfor %}
end
{%- endmacro %}

{# A time column as UTC; NULL when it cannot be read. Years 1 to 9999 alone are times. #}
{% macro utc_time(time) -%}
{% set number = "trim(" ~ time.expression ~ ", " ~ (blanks | lit) ~ ")" -%}
{% if time.kind == 'typed' -%}
{% set moment = from_zone('cast(' ~ time.expression ~ ' as timestamp)', time.zone) -%}
{% elif time.kind == 'typed_with_zone' -%}
{% set moment = "timezone('UTC', " ~ time.expression ~ ")" -%}
{% elif time.kind == 'epoch_s' -%}
{% set moment = epoch(time.expression, 12, 1000000) -%}
{% elif time.kind == 'epoch_ms' -%}
{% set moment = epoch(time.expression, 15, 1000) -%}
{% elif time.kind == 'epoch_us' -%}
{% set moment = epoch(time.expression, 17, 1) -%}
{% elif time.kind == 'iso8601' -%}
{% set moment = iso8601(time.expression, time.zone) -%}
{% elif time.kind == 'pattern_with_offset' -%}
{% set moment = "timezone('UTC', try_strptime(" ~ number ~ ", " ~ (time.pattern | lit) ~ "))" -%}
{% else -%}
{% set moment = from_zone("try_strptime(" ~ number ~ ", " ~ (time.pattern | lit) ~ ")", time.zone) -%}
{% endif -%}
{{ moment }}
{%- endmacro %}
