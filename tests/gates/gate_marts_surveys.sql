-- A survey of two months, of 20 and of 9 people, half of them fans.
create schema goals;

create table goals.survey_scores as
with people as (

    select
        n,
        cast(case when n < 20 then date '2026-02-01' else date '2026-03-01' end as date)
            as period_start,
        case when n % 2 = 0 then 'fan' else '(none)' end as persona
    from range(29) as numbers (n)

),

broken_down as (

    select *, 'all' as segment_name, 'all' as segment_value
    from people

    union all

    select *, 'persona', persona
    from people

    union all

    select *, 'stage', 'current'
    from people

    union all

    select *, 'feature', 'lyrics'
    from people
    where n % 3 = 0

),

counts as (

    select
        period_start,
        segment_name,
        segment_value,
        count(*) as answers_count,
        count(*) filter (where n % 4 = 0) as happy_count,
        count(*) filter (where n % 5 = 1) as unhappy_count
    from broken_down
    group by period_start, segment_name, segment_value

)

select
    'loyal' as survey_name,
    period_start,
    segment_name,
    segment_value,
    'nps' as kind,
    answers_count,
    happy_count,
    unhappy_count,
    case when answers_count >= 10 then 100.0 * (happy_count - unhappy_count) / answers_count end
        as score,
    score - 20 as score_low,
    score + 20 as score_high
from counts;
