-- What happened on which day by the product file: releases, launches, experiments.
select cast(released_on as date) as happened_on, item_name || ' was released' as what
from definitions.roadmap
where released_on is not null

union all

select cast(launched_on as date) as happened_on, feature_name || ' was launched' as what
from definitions.feature_plans
where launched_on is not null

union all

select starts_on as happened_on, 'the experiment ' || experiment_name || ' began' as what
from definitions.experiments
where starts_on is not null

union all

select ends_on as happened_on, 'the experiment ' || experiment_name || ' ended' as what
from definitions.experiments
where ends_on is not null
order by happened_on, what
