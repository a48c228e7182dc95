-- The descriptions of the view over the lake, as statements that give them to the table of events.
select
    'comment on table core.events is ''' || replace(comment, '''', '''''') || '''' as statement
from duckdb_views()
where schema_name = 'core' and view_name = 'events_view' and comment is not null

union all

select
    'comment on column core.events."' || column_name || '" is '''
    || replace(comment, '''', '''''') || ''''
from duckdb_columns()
where schema_name = 'core' and table_name = 'events_view' and comment is not null
