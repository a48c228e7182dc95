-- What the last publication that changed the past changed, by table and cause.
select table_name as 'table', metric_name as metric, cause, count(*) as numbers_changed
from quality.restatements
where published_at = (select max(published_at) from quality.restatements)
group by all
order by numbers_changed desc, 1, 2, 3
limit 20
