-- Scores of every survey in its last periods that are over: two years of months over everybody, the
-- last one by who answered.
select
    survey_name,
    period_start,
    segment_name,
    segment_value,
    kind,
    answers_count,
    score,
    score_low,
    score_high
from goals.survey_scores
where is_complete
qualify
    dense_rank() over (partition by survey_name order by period_start desc)
    <= case when segment_name = 'all' then 24 else 1 end
order by
    survey_name,
    segment_name != 'all',
    segment_name,
    segment_value,
    period_start desc
