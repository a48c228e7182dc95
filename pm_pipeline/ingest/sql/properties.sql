{# The listed properties as one JSON text; what is null is left out. #}
{% if properties %}
'{' || concat_ws(
    ',',
    {% for property in properties %}
    case
        when {{ property.expression }} is not null
            then {{ property.key | lit }} || ':' || {{ property.expression }}
    end{{ "," if not loop.last }}
    {% endfor %}
) || '}'
{% else %}
'{}'
{% endif %}
