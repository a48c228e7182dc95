select
    user_id,
    valid_from,
    valid_to,
    persona
from {{ ref('int_user_personas') }}
