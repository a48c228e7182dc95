-- A table that Python fills, as it is declared.
create schema if not exists {{ table.schema | ident }};

create or replace table {{ table.schema | ident }}.{{ table.name | ident }} (
    {%- for column in table.columns %}
    {{ column.name | ident }} {{ column.kind }}{{ " not null" if column.required }}{{ "," if not loop.last }}
    {%- endfor %}
);

comment on table {{ table.schema | ident }}.{{ table.name | ident }} is {{ table.description | lit }};

{% for column in table.columns -%}
comment on column {{ table.schema | ident }}.{{ table.name | ident }}.{{ column.name | ident }}
is {{ column.description | lit }};
{% endfor -%}
