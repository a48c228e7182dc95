-- stage_since is the week of the change, and previous_stage what was before it.
with weeks as (

    select
        *,
        lag(stage) over subject as stage_before,
        lag(stage_since) over subject as since_before
    from lifecycle.product_stages
    window subject as (partition by subject_kind, subject_name order by period_start)

)

select
    count(*) as value,
    count(*) || ' weeks that do not follow from the week before' as observed,
    'a change of stage is dated by its week and remembers the stage before' as expected
from weeks
where
    stage_since > period_start
    or coalesce(previous_stage = stage, false)
    or case
        when stage_before is null then stage_since != period_start or previous_stage is not null
        when stage = stage_before then stage_since != since_before
        else stage_since != period_start or previous_stage is distinct from stage_before
    end
