{# Records that the csv reader took apart; columns come as c0, c1, … #}
insert into staged
with fields as (
    select
        *,
        raw as content,
        {% include 'properties.sql' %} as properties,
    from incoming_records
),

{% include 'judge.sql' %}
