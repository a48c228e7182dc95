{% from 'lake_rows.sql' import rows_of %}
insert into moved
select
    {% for name in lake_columns %}
    lake.{{ name | ident }},
    {% endfor %}
    moves.is_kept,
from {{ rows_of(lake_columns, files) }} as lake
inner join moves on lake.file_id = moves.file_id and lake.record_number = moves.record_number;
