-- Scores of every survey in its last four periods that are over.
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
qualify dense_rank() over (partition by survey_name order by period_start desc) <= 4
order by
    survey_name,
    segment_name != 'all',
    segment_name,
    segment_value,
    period_start desc
