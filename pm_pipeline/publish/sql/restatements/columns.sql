-- The columns that a table has in both publications, and whether each is a number.
select
    after.column_name,
    after.data_type in ('BIGINT', 'HUGEINT', 'INTEGER', 'DOUBLE') as is_number
from duckdb_columns() as after
inner join duckdb_columns() as before
    on after.schema_name = before.schema_name
    and after.table_name = before.table_name
    and after.column_name = before.column_name
where
    after.database_name = current_database()
    and before.database_name = 'previous'
    and after.schema_name || '.' || after.table_name = $table
order by after.column_index
