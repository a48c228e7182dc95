-- How each experiment is to be judged, as written in product.yml.
select experiment_name, plan
from definitions.experiment_plans
order by experiment_name
