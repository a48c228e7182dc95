{#- Surveys: answers, their cut-offs and the intervals of their scores. -#}

{% macro surveys() -%}
    {#- The surveys of product.yml, as dicts. -#}
    {{ return(definition_rows('surveys')) }}
{%- endmacro %}

{% macro score_bounds(kind) -%}
    {#- Answers outside of the question's scale are no answers. -#}
    {{ return({'nps': [0, 10], 'csat': [1, 5]}[kind]) }}
{%- endmacro %}

{% macro is_happy(kind, score) -%}
    {#- Promoters of the standard net promoter score, 9 and 10; of five points the upper two. -#}
    case when {{ kind }} = 'nps' then {{ score }} >= 9 else {{ score }} >= 4 end
{%- endmacro %}

{% macro is_unhappy(kind, score) -%}
    {#- Detractors of the standard net promoter score, 0 to 6; satisfaction counts none. -#}
    ({{ kind }} = 'nps' and {{ score }} <= 6)
{%- endmacro %}

{% macro least_answers() -%}
    {#- Fewer answers are no score: one person would move it by more than ten points. -#}
    {{ return(10) }}
{%- endmacro %}

{% macro normal_quantile() -%}
    {#- Of the standard normal distribution, for an interval of 95 %. -#}
    {{ return('1.959963984540054') }}
{%- endmacro %}

{% macro pseudo_answers() -%}
    {#- What the adjusted interval of a net promoter score adds to promoters, passives, detractors. -#}
    {{ return({'happy': 0.75, 'unhappy': 0.75, 'all': 3.0}) }}
{%- endmacro %}
