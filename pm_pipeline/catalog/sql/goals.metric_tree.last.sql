-- The last day on which the first node has a value.
select
    node_name as metric, value, previous_value as a_week_before, contribution, parent_name as part_of
from goals.metric_tree
where activity_date = (select max(activity_date) from goals.metric_tree where position = 1)
order by position
