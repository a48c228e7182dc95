-- Why records were refused; the records themselves are not shown here.
select reason, field, count(*) as records, count(distinct path) as files
from quality.rejected_records
group by reason, field
order by records desc, reason, field
limit 20
