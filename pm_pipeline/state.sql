-- The tables of state/state.duckdb. A row here cannot be rebuilt from the lake.

-- The ledger: one row per landing path, as it was last ingested.
create table if not exists files (
    path varchar not null,              -- relative to landing/, '/' as separator
    file_id varchar not null,           -- of this content at this path under these rules
    sha256 varchar not null,            -- of the bytes
    rules_sha256 varchar not null,      -- of the source entry and of the rules applied at ingest
    source_name varchar not null,
    format varchar not null,
    size_bytes bigint not null,
    modified_ns bigint not null,
    records_count bigint not null,
    accepted_count bigint not null,
    duplicate_count bigint not null,
    rejected_count bigint not null,
    events_count bigint not null,
    links_count bigint not null,
    excluded_count bigint not null,
    forgotten_count bigint not null,
    first_event_at timestamp,
    last_event_at timestamp,
    ingested_at timestamp not null,
    judge_again_at timestamp            -- when a record rejected as in_future may have come of age
);

-- Files in landing/ that the last run could not read or that no source matches.
create table if not exists unread_files (
    path varchar not null,
    reason varchar not null,            -- no_source, unreadable, too_fresh
    detail varchar not null
);

create table if not exists rejected_records (
    file_id varchar not null,
    path varchar not null,
    line_number bigint not null,        -- of the record's first line, from 1; for parquet the row
    reason varchar not null,
    field varchar,
    record varchar not null,            -- cut at 64 KB
    record_encoding varchar not null    -- utf8 or base64
);

-- Every lake file that was ever listed and is still on disk.
create table if not exists lake_files (
    lake_path varchar not null,         -- relative to lake/
    kind varchar not null,              -- events, or duplicates (copies and excluded records)
    utc_date date not null,
    rows_count bigint not null,
    digest ubigint not null,            -- bit_xor of the rows' hashes: composes over files
    first_seen_at timestamp not null,   -- of coalesce(received_at, event_at)
    last_seen_at timestamp not null,
    first_event_at timestamp not null,
    last_event_at timestamp not null,
    unlisted_at timestamp,              -- NULL while the manifest lists it
    property_columns map(varchar, varchar) -- by the SQL that each answers, columns beside properties
);
-- Homes of earlier versions: their files have none.
alter table lake_files add column if not exists property_columns map(varchar, varchar);

-- One row: counts the commits of ingest, so that a run can tell whether anything is new.
create table if not exists ledger_version (ledger_version bigint not null);
insert into ledger_version select 0 where not exists (select 1 from ledger_version);

create table if not exists publications (
    run_id varchar not null,
    published_at timestamp not null,
    as_of timestamp not null,           -- UTC
    ledger_version bigint not null,
    definitions_sha256 varchar not null,
    code_sha256 varchar not null,
    package_version varchar not null,
    events_count bigint not null,
    first_event_at timestamp,
    last_event_at timestamp
);

-- The lake files that a kept publication may still read.
create table if not exists publication_files (
    run_id varchar not null,
    lake_path varchar not null
);

-- What a publication was defined by: fingerprints of the product's settings (base), of how each
-- source is read (source) and of every named definition by its kind.
create table if not exists publication_definitions (
    run_id varchar not null,
    kind varchar not null,
    name varchar not null,
    sha256 varchar not null
);

-- Published past numbers that a later publication changed.
create table if not exists restatements (
    published_at timestamp not null,    -- of the publication that brought the new value
    table_name varchar not null,
    row_key json not null,
    metric_name varchar not null,
    previous_value double,              -- NULL where there was no such row, or no value
    new_value double,                   -- NULL where there is none any more
    cause varchar not null
);

create table if not exists check_results (
    run_id varchar not null,
    gate varchar not null,              -- A, dbt, B
    check_name varchar not null,
    table_name varchar not null,
    severity varchar not null,          -- error blocks, warn does not
    status varchar not null,            -- pass, warn, fail, error
    observed varchar,
    expected varchar,
    checked_at timestamp not null
);
