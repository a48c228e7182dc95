-- The metric tree on the last day on which its first node has a value.
with first_node as (

    select max(activity_date) as last_date
    from goals.metric_tree
    where position = 1

)

select
    nodes.node_name,
    nodes.activity_date,
    nodes.kind,
    nodes.value,
    nodes.previous_value,
    nodes.contribution,
    nodes.parent_name,
    nodes.depth,
    nodes.influenced_by
from goals.metric_tree as nodes
inner join first_node on nodes.activity_date = first_node.last_date
order by nodes.position
