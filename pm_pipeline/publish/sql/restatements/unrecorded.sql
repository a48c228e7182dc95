-- What a publication told that was killed before it was recorded is not lost.
insert into quality.restatements
select published_at, table_name, row_key, metric_name, previous_value, new_value, cause
from previous.quality.restatements as before
anti join quality.restatements as known
    on before.published_at = known.published_at
