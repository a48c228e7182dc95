-- The last 28 days, credit shared evenly between touches.
select attribution_name as attribution, channel, sum(credit) as credit
from engagement.attribution
where model = 'linear'
    and period_start > (select max(period_start) - 28 from engagement.attribution)
group by attribution_name, channel
order by attribution_name, credit desc, channel
