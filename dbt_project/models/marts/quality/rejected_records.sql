select
    path,
    line_number,
    reason,
    field,
    record,
    record_encoding
from {{ source('state', 'rejected_records') }}
