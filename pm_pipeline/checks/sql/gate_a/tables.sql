-- The small tables of gate A, copied from the attached state database. Variable: now (UTC).
-- Their cost is that of the ledger and the manifest; no event is read here.

create macro names_of(names) as
    array_to_string(list_sort(names)[:10], ', ')
    || case when len(names) > 10 then ' and ' || (len(names) - 10) || ' more' else '' end;

create table last_publication as
select run_id, published_at
from state.publications
order by published_at desc
limit 1;

create table listed_files as
select
    lake_path,
    utc_date,
    rows_count,
    lake_path not in (
        select published.lake_path
        from state.publication_files as published
        inner join last_publication on published.run_id = last_publication.run_id
    ) as is_unpublished
from state.lake_files
where kind = 'events' and unlisted_at is null;

create table ledger_files as
select
    path,
    records_count,
    accepted_count,
    duplicate_count,
    rejected_count,
    events_count,
    links_count,
    excluded_count,
    forgotten_count,
    ingested_at > coalesce(
        (select published_at from last_publication), timestamp '-infinity'
    ) as is_unpublished
from state.files;

create table rejected_files as
with kept as (

    select file_id, any_value(path) as path, count(*) as kept_count
    from state.rejected_records
    group by file_id

)

select
    coalesce(files.path, kept.path) as path,
    coalesce(files.rejected_count, 0) as rejected_count,
    coalesce(kept.kept_count, 0) as kept_count
from state.files as files
full join kept on files.file_id = kept.file_id
where coalesce(files.rejected_count, 0) > 0 or kept.kept_count > 0;

create table conservation as
select
    abs(ledger_events - lake_rows) as difference,
    ledger_events || ' events in the ledger, ' || lake_rows || ' rows in the lake' as observed
from
    (select coalesce(sum(events_count), 0) as ledger_events from ledger_files),
    (select coalesce(sum(rows_count), 0) as lake_rows from listed_files);

create table rejected as
select
    coalesce(sum(rejected_count) / nullif(sum(records_count), 0), 0.0) as rejected_share,
    printf(
        '%d of %d records of %d files (%.2f%%)',
        cast(coalesce(sum(rejected_count), 0) as bigint),
        cast(coalesce(sum(records_count), 0) as bigint),
        count(*),
        100 * coalesce(sum(rejected_count) / nullif(sum(records_count), 0), 0.0)
    ) as observed
from ledger_files
where is_unpublished;

create table unread as
select
    count(*) as files_count,
    case when count(*) = 0 then 'none' else count(*) || ': ' || names_of(list(path)) end as observed
from state.unread_files
where reason <> 'too_fresh';

create table volume as
with daily as (

    select utc_date, cast(sum(rows_count) as bigint) as rows_count
    from listed_files
    group by utc_date

),

last_day as (

    -- Of the days that are over by the clock, the last one that the lake reaches.
    select
        least(max(utc_date), cast(getvariable('now') as date) - 1) as utc_date,
        min(utc_date) as first_date
    from daily

),

weekdays_before as (

    select last_day.utc_date - 7 * cast(week as integer) as utc_date
    from last_day, range(1, 9) as weeks (week)
    where last_day.utc_date - 7 * cast(week as integer) >= last_day.first_date

),

usual as (

    select count(*) as weeks_count, median(coalesce(daily.rows_count, 0)) as median_rows
    from weekdays_before
    left join daily on weekdays_before.utc_date = daily.utc_date

)

select
    case
        when usual.weeks_count >= 4 and usual.median_rows > 0
            then greatest(1 - coalesce(daily.rows_count, 0) / usual.median_rows, 0.0)
        else 0.0
    end as volume_drop,
    case
        when last_day.utc_date is null then 'no events'
        when usual.weeks_count < 4 then 'fewer than 4 weeks to compare ' || last_day.utc_date || ' with'
        else printf(
            '%d events on %s, median of %d weeks %.0f',
            coalesce(daily.rows_count, 0),
            strftime(last_day.utc_date, '%Y-%m-%d'),
            usual.weeks_count,
            usual.median_rows
        )
    end as observed
from last_day
cross join usual
left join daily on last_day.utc_date = daily.utc_date;

-- One row, so that the rules about one number each are judged together.
create table measures as
select
    conservation.difference as ledger_difference,
    rejected.rejected_share,
    volume.volume_drop,
    unread.files_count as unread_files
from conservation, rejected, volume, unread;
