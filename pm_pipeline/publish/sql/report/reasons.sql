-- Why records were refused, with one place to look at. The records themselves stay out of the
-- page: they may hold what nobody should pass on.
select
    reason,
    field,
    count(*) as records_count,
    arg_min(path, (path, line_number)) as example_path,
    arg_min(line_number, (path, line_number)) as example_line
from quality.rejected_records
group by reason, field
order by records_count desc, reason asc, field asc nulls first
limit $shown;
