"""Gate C, after the analyses: what they concluded is whole and does not contradict itself.

Belongs here: judging the rules of ``sql/gate_c`` over the tables that Python reasoned out. Does not
belong here: the rules themselves, the reasoning.
"""

from __future__ import annotations

import duckdb

from pm_pipeline.checks.results import CheckResult
from pm_pipeline.checks.settings import CheckSettings
from pm_pipeline.checks.sql_rules import judge_rules


def run_gate_c(connection: duckdb.DuckDBPyConnection, settings: CheckSettings) -> list[CheckResult]:
    """Judge the results that ``connection`` shows; one result a check of gate C.

    Rules have no parameters. Never raises for what it finds: a rule that breaks is a result of
    status ``error``.
    """
    with connection.cursor() as cursor:
        return judge_rules(cursor, "C", settings, {})
