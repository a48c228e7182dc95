-- What hinders whom.
select
    problem_name,
    statement,
    persona,
    evidence,
    evidence_baseline,
    evidence_value,
    is_share,
    hypotheses_count,
    tested_count,
    validated_count,
    attention
from goals.problems
order by problem_name;
