{#- Which rows are compared: those before the limit, and those about everything up to as-of where that
    is the same, of definitions and break-downs that both publications have. -#}
(last_day < $limit or (last_day is null and $is_same_as_of))
{%- for filter in in_one_only %}
and not {{ filter }}
{%- endfor %}
{%- if other_segments %}
and segment_name in (select segment_name from previous.{{ table.name }})
and segment_name in (select segment_name from {{ table.name }})
{%- endif %}
