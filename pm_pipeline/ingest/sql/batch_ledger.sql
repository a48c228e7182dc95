create or replace table batch_ledger as
select *
from known_files
limit 0;
