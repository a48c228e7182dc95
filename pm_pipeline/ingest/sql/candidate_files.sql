-- Lake files that may hold copies: some row lies within the window of a wanted day.
select
    files.lake_path,
    files.location,
    files.kind,
from lake_index as files
where not files.is_scanned
    and exists (
        select 1
        from wanted_days as days
        where files.first_seen_at <= days.seen_date + interval 1 day + interval {{ window_days }} days
            and files.last_seen_at >= days.seen_date - interval {{ window_days }} days
    )
order by files.lake_path
