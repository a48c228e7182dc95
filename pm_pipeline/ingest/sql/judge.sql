{# The end of every read: a CTE `fields` becomes rows of `staged`, each with its verdict. #}
{% from 'macros.sql' import present, known_id, utc_time with context %}
{% set identity = columns.event_id is not none %}
cleaned as (
    select
        record_number,
        raw,
        failure,
        evidence,
        evidence_encoding,
        content,
        properties,
        {% for name in ('event_id', 'session_id', 'event_name', 'platform', 'country', 'app_version') %}
        {{ present(columns[name]) if columns[name] is not none else 'cast(null as varchar)' }} as {{ name }},
        {% endfor %}
        {{ known_id(columns.user_id) if columns.user_id is not none else 'cast(null as varchar)' }} as user_id,
        {{ known_id(columns.device_id) if columns.device_id is not none else 'cast(null as varchar)' }} as device_id,
        {% for name in ('event_time', 'received_at') %}
        {% if times[name] is not none %}
        {{ utc_time(times[name]) }} as {{ name }}_read,
        {% if times[name].kind in ('typed', 'typed_with_zone') %}
        {{ times[name].expression }} is not null as {{ name }}_given,
        {% else %}
        {{ present(times[name].expression) }} is not null as {{ name }}_given,
        {% endif %}
        {% else %}
        cast(null as timestamp) as {{ name }}_read,
        false as {{ name }}_given,
        {% endif %}
        {% endfor %}
    from fields
),

timed as (
    select
        *,
        case
            when event_time_read between timestamp '0001-01-01' and timestamp '9999-12-31'
                then event_time_read
        end as event_at,
        case
            when received_at_read between timestamp '0001-01-01' and timestamp '9999-12-31'
                then received_at_read
        end as received_at,
    from cleaned
),

judged as (
    select
        *,
        case
            when failure is not null then failure
            when event_name is null then 'missing_event_name'
            when not event_time_given then 'missing_event_time'
            when event_at is null then 'invalid_event_time'
            when received_at_given and received_at is null then 'invalid_received_at'
            when user_id is null and device_id is null then 'missing_identity'
            when event_at < {{ earliest_event | lit }} then 'before_earliest_event'
            when event_at > coalesce(received_at, {{ now | lit }}) + interval 24 hours
                then 'in_future'
        end as reason,
        md5(content) as content_hash,
    from timed
)

select
    {{ file_number }} as file_number,
    record_number,
    reason,
    case reason
        when 'missing_event_name' then 'event_name'
        when 'missing_event_time' then 'event_time'
        when 'invalid_event_time' then 'event_time'
        when 'invalid_received_at' then 'received_at'
        when 'missing_identity' then 'user_id'
        when 'before_earliest_event' then 'event_time'
        when 'in_future' then 'event_time'
    end as field,
    case
        when reason is null then null
        when evidence is not null then evidence
        -- 64 KB: a character of UTF-8 takes up to four bytes.
        when strlen(raw) <= 65536 then raw
        else left(raw, 16384)
    end as record,
    case when reason is not null then coalesce(evidence_encoding, 'utf8') end as record_encoding,
    {% if identity %}
    case
        when event_id is not null then md5({{ id_prefix | lit }} || event_id)
        else md5({{ content_prefix | lit }} || '1:' || content_hash)
    end as dedup_key,
    {% else %}
    md5({{ content_prefix | lit }} || '1:' || content_hash) as dedup_key,
    {% endif %}
    content_hash,
    event_id as source_event_id,
    user_id as source_user_id,
    device_id,
    session_id as source_session_id,
    event_name,
    event_at,
    received_at,
    platform,
    country,
    app_version,
    case when reason is null then properties end as properties,
from judged
