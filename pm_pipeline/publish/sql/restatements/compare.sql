-- The past numbers of one table that stood as complete in the previous publication and are others
-- now, gone, or new. Only what both publications claim to know is compared: rows whose last day lies
-- before $limit, the earlier of the two as-ofs. Of a table whose rows do not say how far they see,
-- those are compared that were complete and still are; whether one is new in the past, it cannot say.
-- A row without a last day is about everything up to as-of: it stands until as-of is another.
-- A difference within rounding is none.
insert into restatements
with before as (

    select *
    from (
        select
            *,
            {{ table.last_day }} as last_day,
            {{ table.is_complete }} as is_past
        from previous.{{ table.name }}
    )
    where {% include 'scope.sql' %}

),

after as (

    select *
    from (
        select
            *,
            {{ table.last_day }} as last_day,
            {{ table.is_complete }} as is_past
        from {{ table.name }}
    )
    where {% include 'scope.sql' %}

),

known_since as (

    -- What reaches further back than anything published before restates nothing.
    select min(last_day) as first_day from before

),

compared as (

    select
        json_object(
            {%- for column in table.key %}
            {{ column | lit }}, coalesce(before.{{ column | ident }}, after.{{ column | ident }})
            {{- ', ' if not loop.last }}
            {%- endfor %}
        ) as row_key,
        {{ "coalesce(before.last_day, after.last_day, date '9999-12-30')" if table.sees_itself else "date '9999-12-30'" }}
            as last_day,
        {% if is_other_base -%}
        true
        {%- else -%}
        {%- for filter in changed %}{{ filter }} or {% endfor %}false
        {%- endif %} as is_of_changed_definition,
        unnest([
            {%- for column in metrics %}
            {
                'metric_name': {{ column | lit }},
                'previous_value': cast(before.{{ column | ident }} as double),
                'new_value': cast(after.{{ column | ident }} as double)
            }
            {{- ', ' if not loop.last }}
            {%- endfor %}
        ]) as metric
    from before
    full join after
        on {% for column in table.key -%}
            before.{{ column | ident }} is not distinct from after.{{ column | ident }}
            {{- ' and ' if not loop.last }}
        {%- endfor %}
    where
        coalesce(before.last_day, after.last_day) is null
        or (
            coalesce(before.last_day, after.last_day) >= (select first_day from known_since)
            and coalesce(before.is_past, {{ table.sees_itself | lower }})
            and coalesce(after.is_past, {{ table.sees_itself | lower }} or $is_later)
        )

)

select
    $published_at,
    {{ table.name | lit }},
    row_key,
    metric.metric_name,
    metric.previous_value,
    metric.new_value,
    case
        when is_of_changed_definition or last_day >= $changed_rules_from then 'definition_changed'
        when last_day >= $changed_files_from then 'changed_files'
        when last_day >= $late_events_from then 'late_events'
        when last_day >= $identity_from then 'identity'
        when $is_other_code then 'code_changed'
        else 'as_of_moved'
    end as cause
from compared
where
    metric.previous_value is distinct from metric.new_value
    and not coalesce(
        abs(metric.previous_value - metric.new_value) <= greatest(
            1e-12, 1e-9 * greatest(abs(metric.previous_value), abs(metric.new_value))
        ),
        false
    )
