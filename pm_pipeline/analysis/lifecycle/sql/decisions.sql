-- What people decided to do with the product and its features.
select
    subject_kind,
    subject_name,
    action,
    cast(decided_on as date) as decided_on,
    decided_by,
    why
from definitions.stage_decisions
