-- The last publications, newest first, and how many past numbers each restated by which cause.
with causes as (

    select published_at, cause, count(*) as numbers_count
    from quality.restatements
    group by published_at, cause

),

restated as (

    select
        published_at,
        cast(sum(numbers_count) as bigint) as restated_count,
        string_agg(cause, ', ' order by numbers_count desc, cause) as restated_causes
    from causes
    group by published_at

)

select
    publications.published_at,
    publications.run_id,
    publications.as_of,
    publications.events_count,
    publications.last_event_at,
    publications.package_version,
    coalesce(restated.restated_count, 0) as restated_count,
    restated.restated_causes
from quality.publications as publications
left join restated on publications.published_at = restated.published_at
order by publications.published_at desc
limit $shown;
