{# What the lake gains: the batch's own rows, and rows that change their state. #}
create or replace view additions as
with gained as (
    select
        staged.dedup_key,
        staged.content_hash,
        files.file_id,
        staged.record_number,
        files.source_name,
        staged.source_event_id,
        staged.source_user_id,
        staged.device_id,
        staged.source_session_id,
        staged.event_name,
        staged.event_at,
        staged.received_at,
        'event_time' as time_source,
        staged.platform,
        staged.country,
        staged.app_version,
        cast(staged.properties as json) as properties,
        files.path as source_file,
        losers.record_number is null as is_kept,
    from staged
    inner join batch_files as files on staged.file_number = files.file_number
    left join losers
        on staged.file_number = losers.file_number and staged.record_number = losers.record_number
    where staged.reason is null
    union all by name
    select *
    from moved
),

marked as (
    select
        *,
        case
            when not is_kept then 'duplicate'
            {% if exclude_sql is not none %}
            when {{ exclude_sql }} then 'excluded'
            {% endif %}
            else 'event'
        end as state,
        cast(event_at as date) as utc_date,
    from gained
)

select
    {% for name in lake_columns %}
    {{ name | ident }},
    {% endfor %}
    state,
    case when state = 'event' then 'events' else 'duplicates' end as kind,
    utc_date,
from marked;
