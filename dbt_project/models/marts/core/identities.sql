-- depends_on: {{ ref('int_run_window') }}
select
    device_id,
    valid_from,
    valid_to,
    user_id,
    linked_at,
    method,
    is_quarantined
from {{ ref('int_identities') }}
