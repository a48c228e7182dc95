-- The tables and views that there are.
select schema_name || '.' || table_name as table_name from duckdb_tables()
union all
select schema_name || '.' || view_name as table_name from duckdb_views()
where not internal;
