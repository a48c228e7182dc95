select item_name as item, status, hypothesis_name as hypothesis, hypothesis_status, attention
from goals.roadmap
order by position
