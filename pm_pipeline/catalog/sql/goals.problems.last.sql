select
    problem_name as problem,
    statement,
    evidence,
    evidence_baseline as was,
    evidence_value as now,
    attention
from goals.problems
order by problem_name
