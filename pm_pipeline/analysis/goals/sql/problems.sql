select
    problem_name,
    statement,
    persona,
    evidence_metric,
    evidence_funnel,
    evidence_step,
    evidence_baseline
from definitions.problems
order by problem_name
