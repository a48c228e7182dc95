create or replace table count_changes as
with changes as (
    select
        file_id,
        state,
        rows_count,
        first_event_at,
        last_event_at,
    from addition_counts
    union all
    select
        file_id,
        state,
        -count(*) as rows_count,
        null as first_event_at,
        null as last_event_at,
    from moves
    group by file_id, state
)

select
    file_id,
    cast(coalesce(sum(rows_count) filter (state = 'event'), 0) as bigint) as events,
    cast(coalesce(sum(rows_count) filter (state = 'excluded'), 0) as bigint) as excluded,
    cast(coalesce(sum(rows_count) filter (state = 'duplicate'), 0) as bigint) as duplicates,
    min(first_event_at) as first_event_at,
    max(last_event_at) as last_event_at,
from changes
group by file_id;

create or replace table new_lake_files as
select
    lake_path,
    kind,
    utc_date,
    rows_count,
    digest,
    first_seen_at,
    last_seen_at,
    first_event_at,
    last_event_at,
    property_columns,
from lake_index
limit 0;
