{#- Personas: kinds of users by rules over the columns of core.users. -#}

{% macro personas() -%}
    {#- The personas of product.yml in its order: dicts with persona_name and condition. They are one
        definition, named personas: their order decides, so that they change together. -#}
    {{ return(definition_rows('personas')) }}
{%- endmacro %}

{% macro persona_of() -%}
    {#- The first persona whose condition is true of the row, else (none); a condition that is NULL is
        not true. The columns it names are those of core.users, unqualified. -#}
    {%- set rules = personas() -%}
    {%- if rules -%}
    case
        {%- for persona in rules %}
        when {{ persona.condition }} then {{ literal(persona.persona_name) }}
        {%- endfor %}
        else '(none)'
    end
    {%- else -%}
    cast('(none)' as varchar)
    {%- endif -%}
{%- endmacro %}
