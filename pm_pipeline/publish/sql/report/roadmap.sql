-- What is built, in the order of the product file.
select
    item_name,
    status,
    released_on,
    persona,
    hypothesis_name,
    hypothesis_status,
    problem_name,
    goal_name,
    goal_status,
    goal_moved,
    feature_name,
    feature_stage,
    feature_advice,
    attention
from goals.roadmap
order by position;
