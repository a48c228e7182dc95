select
    item_name,
    position,
    status,
    cast(released_on as date) as released_on,
    hypothesis_name,
    feature_name,
    persona,
    goal_name
from definitions.roadmap
order by position
