insert into losers
select
    copies.file_number,
    copies.record_number,
from copies
anti join later_openers as openers on copies.copy_number = openers.copy_number
where copies.file_number is not null and copies.place > 1;

insert into moves
with settled as (
    select
        copies.*,
        copies.place = 1 or openers.copy_number is not null as is_kept,
    from copies
    left join later_openers as openers on copies.copy_number = openers.copy_number
    where copies.location is not null
)

select
    file_id,
    record_number,
    location,
    state,
    is_kept,
from settled
where is_kept <> (state <> 'duplicate');
