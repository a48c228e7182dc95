select
    node_name,
    kind,
    input_name,
    evidence,
    why
from definitions.metric_tree
order by node_position, input_position
