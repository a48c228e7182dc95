-- A subject's stages are of exactly its complete weeks.
with weeks as (

    select subject_kind, subject_name, period_start
    from growth.accounting
    where "interval" = 'week' and is_complete

),

stages as (

    select distinct subject_kind, subject_name, period_start
    from lifecycle.product_stages

),

differences as (

    (select * from weeks except select * from stages)
    union all
    (select * from stages except select * from weeks)

)

select
    count(*) as value,
    count(*) || ' weeks without a stage or the other way round' as observed,
    'a stage for each subject and complete week' as expected
from differences
