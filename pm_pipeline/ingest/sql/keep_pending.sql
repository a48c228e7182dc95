-- Of a file judged again only what waited is new; the rest is in the lake already.
delete from staged
using batch_files as files
where staged.file_number = files.file_number
    and files.is_judged_again
    and (staged.reason is null or staged.reason = 'in_future')
    and (files.file_id, staged.record_number) not in (
        select (pending.file_id, pending.record_number) from pending_records as pending
    );
