-- What each file of the batch held.
select
    file_number,
    count(*) as records_count,
    count(reason) as rejected_count,
    min(event_at - interval 24 hours) filter (
        reason = 'in_future' and received_at is null
    ) as judge_again_at,
from staged
group by file_number
