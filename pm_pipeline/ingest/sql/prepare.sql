-- The tables of one batch, empty. The batch's own rows are in `staged` (staged.sql).
create or replace table empty_lake (
    {% for name, type in lake_columns %}
    {{ name | ident }} {{ type }},
    {% endfor %}
);
-- Files read in this batch; a file judged again keeps its id and its rows.
create or replace table batch_files (
    file_number integer,
    file_id varchar,
    path varchar,
    sha256 varchar,
    source_name varchar,
    is_judged_again boolean
);
-- Files whose records leave the lake: replaced, or no longer of any source.
create or replace table removed_files (file_id varchar);
create or replace table removed_rows (location varchar, key_hash ubigint, seen_date date);
create or replace table wanted_days (seen_date date);
create or replace table existing_matches (key_hash ubigint);
create or replace table moved (
    {% for name, type in lake_columns %}
    {{ name | ident }} {{ type }},
    {% endfor %}
    is_kept boolean
);
create or replace table moves (
    file_id varchar,
    record_number bigint,
    location varchar,
    state varchar,
    is_kept boolean
);
create or replace table losers (file_number integer, record_number bigint);
create or replace table later_openers (copy_number bigint);
create or replace table members (
    file_id varchar,
    file_number integer,
    location varchar,
    record_number bigint,
    dedup_key varchar,
    seen_at timestamp,
    content_hash varchar,
    state varchar
);
