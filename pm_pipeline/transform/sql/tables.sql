select schema_name || '.' || table_name from duckdb_tables()
