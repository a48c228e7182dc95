create or replace table definitions.built (
    run_id varchar not null,
    as_of timestamp not null,
    base_sha256 varchar not null,
    code_sha256 varchar not null
);
create or replace table definitions.built_days (utc_date date not null, digest ubigint not null);
