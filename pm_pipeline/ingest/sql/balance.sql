-- Every accepted record and every copy lies in the lake exactly once.
select
    (
        select cast(coalesce(sum(accepted_count + duplicate_count), 0) as bigint)
        from state.files
    ) as ledger_rows,
    (
        select cast(coalesce(sum(rows_count), 0) as bigint)
        from state.lake_files
        where unlisted_at is null
    ) as lake_rows,
    (
        select count(*)
        from state.files
        where records_count <> accepted_count + duplicate_count + rejected_count
    ) as unbalanced_files
