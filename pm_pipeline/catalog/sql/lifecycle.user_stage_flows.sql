-- People by stage at the end of each of the last 26 complete weeks; the dormant only grow.
select week_start as x, to_stage as series, sum(users_count) as value
from lifecycle.user_stage_flows
where to_stage != 'dormant'
    and week_start > (select max(week_start) - 26 * 7 from lifecycle.user_stage_flows)
group by week_start, to_stage
order by list_position(['current', 'new', 'resurrected', 'at_risk'], to_stage), week_start
