-- The earliest instant from which a device's timeline names somebody else than it did.
select min(
    case
        when after.device_id is null or before.device_id is null
            or after.user_id != before.user_id or after.is_quarantined != before.is_quarantined
            then coalesce(after.valid_from, before.valid_from)
        else least(
            coalesce(after.valid_to, timestamp 'infinity'),
            coalesce(before.valid_to, timestamp 'infinity')
        )
    end
)
from previous.core.identities as before
full join core.identities as after
    on before.device_id = after.device_id and before.valid_from = after.valid_from
where
    after.device_id is null
    or before.device_id is null
    or after.user_id != before.user_id
    or after.is_quarantined != before.is_quarantined
    or after.valid_to is distinct from before.valid_to
