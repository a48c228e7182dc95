with kept_publications as (
    select run_id
    from publications
    order by published_at desc
    limit {{ publications }}
)

select files.lake_path
from lake_files as files
where files.unlisted_at < {{ unlisted_before | lit }}
    and files.lake_path not in (
        select used.lake_path
        from publication_files as used
        semi join kept_publications as kept on used.run_id = kept.run_id
    )
