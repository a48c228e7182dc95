-- Every complete period of each survey, with its interval.
select
    period_start as x,
    survey_name as series,
    score as value,
    score_low as low,
    score_high as high
from goals.survey_scores
where segment_name = 'all' and is_complete and score is not null
order by survey_name, period_start
