-- One row per record of the files of a batch, accepted or not.
create or replace table staged (
    file_number integer,
    record_number bigint,
    reason varchar,
    field varchar,
    record varchar,
    record_encoding varchar,
    dedup_key varchar,
    content_hash varchar,
    source_event_id varchar,
    source_user_id varchar,
    device_id varchar,
    source_session_id varchar,
    event_name varchar,
    event_at timestamp,
    received_at timestamp,
    platform varchar,
    country varchar,
    app_version varchar,
    properties varchar
);
