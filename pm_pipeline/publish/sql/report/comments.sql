-- What tables and columns mean, in the words of the warehouse itself.
select schema_name || '.' || table_name as table_name, null as column_name, comment
from duckdb_tables()
where not internal and comment is not null
union all
select schema_name || '.' || table_name as table_name, column_name, comment
from duckdb_columns()
where not internal and comment is not null;
