-- The UTC days whose events are others than those of the previous publication.
with before as (

    select files.utc_date, bit_xor(files.digest) as digest
    from state.publication_files as published
    inner join state.lake_files as files on published.lake_path = files.lake_path
    where published.run_id = $run_id and files.kind = 'events'
    group by files.utc_date

),

after as (

    select utc_date, bit_xor(digest) as digest
    from state.lake_files
    where kind = 'events' and unlisted_at is null
    group by utc_date

)

select utc_date
from before
full join after using (utc_date)
where before.digest is distinct from after.digest
order by utc_date
