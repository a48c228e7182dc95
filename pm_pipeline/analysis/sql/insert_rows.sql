insert into {{ table.schema | ident }}.{{ table.name | ident }} by name
select * from result_rows
