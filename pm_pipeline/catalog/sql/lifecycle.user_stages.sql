-- People by stage at as-of, as shares of everybody.
select
    'people' as series,
    stage as step,
    count(*) / sum(count(*)) over () as value
from lifecycle.user_stages
group by stage
order by value desc, stage
