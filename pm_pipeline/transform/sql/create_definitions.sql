create schema if not exists definitions;
create or replace table definitions.run (
    run_id varchar not null,
    as_of timestamp not null,
    lake_restate_from date not null,
    carried_restate_from date,
    lake_directory varchar not null
);
