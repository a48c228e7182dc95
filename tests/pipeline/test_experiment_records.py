"""The record of a decision: whoever asks again as of then is told the same.

Belongs here: whole runs at other as-ofs. Does not belong here: what is decided
(``tests/unit/analysis/experiments``).
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from pm_pipeline.home import Home
from tests.conftest import command, published
from tests.pipeline.sequences import PRODUCT, make_sequence

THEN, NOW = "2026-04-01", "2026-04-07"
TABLES = ("decisions", "results", "health", "timeline")
DECIDED = "    decision: {action: ship, on: 2026-04-03, by: us, why: It was time.}\n"


def as_of(moment: str, home: Home) -> dict[str, list[tuple[Any, ...]]]:
    """Run as of a moment, and return what was concluded of experiments."""
    ran = command("run", "--as-of", moment, home=home)
    assert ran.code == 0, ran.output
    with published(home) as connection:
        return {
            table: connection.execute(f"select * from experiments.{table} order by all").fetchall()
            for table in TABLES
        }


def alike(value: Any, other: Any) -> bool:
    """Whether two cells are equal: the last digit of a sum depends on the order of its threads."""
    if isinstance(value, float) and isinstance(other, float):
        return math.isclose(value, other, rel_tol=1e-9, abs_tol=1e-12)
    return bool(value == other)


@pytest.mark.long
def test_an_old_as_of_gives_the_same_record_again(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    product = PRODUCT.replace("    minimum_users: 5\n", "    minimum_users: 5\n" + DECIDED)
    assert product != PRODUCT
    make_sequence(5).write(home, product=product)
    then = as_of(THEN, home)
    now = as_of(NOW, home)
    again = as_of(THEN, home)
    assert again["decisions"] == then["decisions"]
    for table in TABLES:
        assert len(again[table]) == len(then[table]), table
        for row, before in zip(again[table], then[table], strict=True):
            assert all(map(alike, row, before)), (table, before, row)
    for table in TABLES:
        assert then[table] and now[table] != then[table], table
    # What people decided in between is known now, and was not then.
    assert {row[-3] for row in then["decisions"]} == {None}
    assert {row[-3] for row in now["decisions"]} == {None, "ship"}
