select funnel_name, step_index, users_count
from funnels.conversion
where period = 'all' and segment_name = 'all'
