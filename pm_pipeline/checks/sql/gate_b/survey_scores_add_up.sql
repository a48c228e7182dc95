-- Personas and stages add up to everybody; each score is that of its counts, within its interval
-- and its scale, and there from 10 answers on.
with totals as (

    select survey_name, period_start, answers_count, happy_count, unhappy_count
    from goals.survey_scores
    where segment_name = 'all'

),

parts as (

    select
        survey_name,
        period_start,
        segment_name,
        sum(answers_count) as answers_count,
        sum(happy_count) as happy_count,
        sum(unhappy_count) as unhappy_count
    from goals.survey_scores
    where segment_name in ('persona', 'stage')
    group by survey_name, period_start, segment_name

),

wrong as (

    select survey_name
    from parts
    full join totals using (survey_name, period_start)
    where
        parts.answers_count is distinct from totals.answers_count
        or parts.happy_count is distinct from totals.happy_count
        or parts.unhappy_count is distinct from totals.unhappy_count

    union all

    select survey_name
    from goals.survey_scores
    where
        (score is not null) != (answers_count >= 10)
        or happy_count + unhappy_count > answers_count
        or abs(score - 100.0 * (happy_count - unhappy_count) / answers_count) > 1e-9
        or not coalesce(score between score_low - 1e-9 and score_high + 1e-9, score is null)
        or not coalesce(score_low >= -100 and score_high <= 100, score is null)

)

select
    count(*) as value,
    count(*) || ' scores or sums of them are wrong' as observed,
    'scores of their counts, personas and stages that add up to all' as expected
from wrong
