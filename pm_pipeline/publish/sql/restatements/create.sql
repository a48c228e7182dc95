-- Where the comparison of one publication with the one before it is gathered.
create or replace temporary table restatements (
    published_at timestamp,
    table_name varchar,
    row_key json,
    metric_name varchar,
    previous_value double,
    new_value double,
    cause varchar
)
