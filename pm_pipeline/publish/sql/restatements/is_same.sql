-- Whether the two publications hold the very same complete rows of one table: one scan of each.
with before as (

    select
        count(*) as rows_count,
        bit_xor(hash({% for column in columns %}{{ column | ident }}{{ ', ' if not loop.last }}{% endfor %})) as digest
    from (select *, {{ table.last_day }} as last_day from previous.{{ table.name }})
    where {% include 'scope.sql' %}

),

after as (

    select
        count(*) as rows_count,
        bit_xor(hash({% for column in columns %}{{ column | ident }}{{ ', ' if not loop.last }}{% endfor %})) as digest
    from (select *, {{ table.last_day }} as last_day from {{ table.name }})
    where {% include 'scope.sql' %}

)

select
    before.rows_count = after.rows_count and before.digest is not distinct from after.digest
from before, after
