-- The last product day that counts, and on which day weeks start.
select
    (select max(activity_date) from goals.metric_values) as last_date,
    week_starts_on = 'sunday' as week_starts_on_sunday
from definitions.product
