select
    {% for name in ('records', 'accepted', 'duplicate', 'rejected', 'events', 'excluded') %}
    cast(coalesce(sum({{ name }}_count), 0) as bigint) as {{ name }},
    {% endfor %}
from files
{% if paths is not none %}
where path in ({{ paths | lits if paths else 'null' }})
{% endif %}
