-- The metric of people as an experiment would have counted it that had begun some weeks ago: whoever
-- was active in its first days, from the first event on, and the same before.
with counted as (

    select user_id, event_at, event_name, platform, country, app_version, device_id, properties
    from core.events
    where event_at < $as_of

),

units as (

    select user_id, min(event_at) as exposed_at
    from counted
    where event_at >= $enrolled_from and event_at < $enrolled_until
    group by user_id

),
{% for value in values %}
adds_{{ loop.index }} as (

    select
        user_id,
        event_at,
        cast({{ value.value or 1 }} as double) as added
    from counted
    where
        {{ "true" if value.event is none else "event_name = " ~ value.event | lit }}
        and {{ "true" if value.condition is none else "coalesce(" ~ value.condition ~ ", false)" }}

),

numbers_{{ loop.index }} as (

    select
        units.user_id,
        {% for name, low, high in [("after_it", 0, window), ("before_it", -before, 0)] %}
        {% set inside -%}
            adds.event_at >= units.exposed_at + to_hours({{ 24 * low }})
            and adds.event_at < units.exposed_at + to_hours({{ 24 * high }})
        {%- endset %}
        least(
            {% if value.aggregate == "sum" %}
            coalesce(sum(adds.added) filter (where {{ inside }}), 0),
            {% elif value.aggregate == "unique_days" %}
            count(distinct floor(epoch(adds.event_at - units.exposed_at) / 86400))
                filter (where {{ inside }}),
            {% elif value.aggregate == "proportion" %}
            cast(coalesce(bool_or({{ inside }}), false) as integer),
            {% else %}
            count(adds.added) filter (where {{ inside }}),
            {% endif %}
            {{ "'infinity'::double" if value.cap is none else value.cap }}
        ) as {{ name }}{{ "," if not loop.last }}
        {% endfor %}
    from units
    left join adds_{{ loop.index }} as adds
        on units.user_id = adds.user_id
        and adds.event_at >= units.exposed_at - to_hours({{ 24 * before }})
        and adds.event_at < units.exposed_at + to_hours({{ 24 * window }})
    group by units.user_id

),
{% endfor %}
people as (

    select
        cast(metric.after_it as double) as y,
        cast({{ "below.after_it" if values | length > 1 else "0" }} as double) as d,
        cast(metric.before_it as double) as x,
        cast({{ "below.before_it" if values | length > 1 else "0" }} as double) as e
    from numbers_1 as metric
    {% if values | length > 1 %}
    inner join numbers_2 as below on metric.user_id = below.user_id
    {% endif %}

)

select
    count(*),
    avg(y), avg(d), avg(x), avg(e),
    covar_pop(y, y) * count(*), covar_pop(y, d) * count(*), covar_pop(y, x) * count(*),
    covar_pop(y, e) * count(*), covar_pop(d, d) * count(*), covar_pop(d, x) * count(*),
    covar_pop(d, e) * count(*), covar_pop(x, x) * count(*), covar_pop(x, e) * count(*),
    covar_pop(e, e) * count(*)
from people
