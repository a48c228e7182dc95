-- The last complete period of each survey.
select
    survey_name as survey, period_start as began, kind, answers_count as answers, score, score_low,
    score_high
from goals.survey_scores
where segment_name = 'all' and is_complete
qualify row_number() over (partition by survey_name order by period_start desc) = 1
order by survey_name
