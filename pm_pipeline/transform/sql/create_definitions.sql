create schema if not exists definitions;
create or replace table definitions.run (
    run_id varchar not null,
    as_of timestamp not null,
    lake_restate_from date not null,
    carried_restate_from date,
    lake_directory varchar not null
);
-- The named definitions of this run, and whether each differs from what was last published.
create or replace table definitions.windows (
    kind varchar not null,
    name varchar not null,
    is_changed boolean not null
);
-- The columns of the lake that hold properties (quoted), by the SQL that each answers.
create or replace table definitions.property_columns (
    expression varchar not null,
    column_name varchar not null
);
create table if not exists definitions.built_definitions (
    kind varchar not null,
    name varchar not null,
    sha256 varchar not null
);
