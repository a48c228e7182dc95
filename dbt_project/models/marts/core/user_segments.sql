select
    user_id,
    segment_name,
    first_value,
    latest_value
from {{ ref('int_user_segments') }}
where last_event_at is not null
