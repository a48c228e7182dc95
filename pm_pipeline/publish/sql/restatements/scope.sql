{#- Which rows are compared: those before the limit, of definitions and break-downs that both
    publications have. -#}
last_day < $limit
{%- for filter in in_one_only %}
and not {{ filter }}
{%- endfor %}
{%- if other_segments %}
and segment_name in (select segment_name from previous.{{ table.name }})
and segment_name in (select segment_name from {{ table.name }})
{%- endif %}
