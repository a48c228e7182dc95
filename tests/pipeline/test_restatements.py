"""Restatements of whole runs: what they list is what a plain comparison of two warehouses finds."""

from __future__ import annotations

import json
import math
import shutil
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pm_pipeline.home import Home
from tests.conftest import command, published
from tests.pipeline.sequences import PRODUCT, make_sequence

KEYS: dict[str, tuple[str, ...]] = {
    "engagement.active_users": ("activity_date", "segment_name", "segment_value"),
    "engagement.event_usage": ("activity_date", "event_name", "segment_name", "segment_value"),
    "engagement.attribution": ("attribution_name", "model", "period_start", "channel"),
    "growth.accounting": ("subject_kind", "subject_name", "interval", "period_start"),
}
DAYS = {"day": 1, "week": 7}
FIRST_AS_OF, SECOND_AS_OF = "2026-04-03", "2026-04-05"
Number = tuple[str, str, str]


def numbers(warehouse: Path, as_of: date) -> dict[Number, float | None]:
    """Every number that was complete at ``as_of``, by table, key and metric."""
    found: dict[Number, float | None] = {}
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        for table, key in KEYS.items():
            cursor = connection.execute(f"select * from {table}")
            names = [column[0] for column in cursor.description]
            for values in cursor.fetchall():
                row = dict(zip(names, values, strict=True))
                if last_day(row) >= as_of:
                    continue
                for name in row.keys() - key:
                    value = row[name]
                    if isinstance(value, int | float | None) and not isinstance(value, bool):
                        found[table, as_text([row[k] for k in key]), name] = value
    return found


def last_day(row: dict[str, Any]) -> date:
    start: date = row.get("activity_date") or row["period_start"]
    if row.get("interval") == "month":
        return (start.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    return start + timedelta(days=DAYS.get(row.get("interval", "day"), 1) - 1)


def as_text(values: Any) -> str:
    return "/".join(str(value) for value in values)


def plain_diff(
    before: Path, after: Path, as_of: str
) -> dict[Number, tuple[float | None, float | None]]:
    """What a comparison of the two without any SQL finds: changed, gone or new in the past."""
    day = date.fromisoformat(as_of)
    one, other = numbers(before, day), numbers(after, day)
    found = {}
    for number in one.keys() | other.keys():
        old, new = one.get(number), other.get(number)
        is_close = (
            old is not None and new is not None and math.isclose(old, new, rel_tol=1e-9)
        )  # fmt: skip
        if old != new and not is_close:
            found[number] = (old, new)
    return found


def restated(home: Home) -> dict[Number, tuple[float | None, float | None, str]]:
    """What the last publication restates, of the tables compared here."""
    with published(home) as connection:
        rows = connection.execute(
            "select table_name, row_key, metric_name, previous_value, new_value, cause"
            " from quality.restatements where published_at ="
            " (select max(published_at) from quality.publications)"
        ).fetchall()
    found = {}
    for table, key, metric, old, new, cause in rows:
        if table in KEYS:
            found[table, as_text(json.loads(key).values()), metric] = (old, new, cause)
    return found


def publish(home: Home, folder: Path, as_of: str) -> tuple[Path, str]:
    """Run, and put a copy of what was published aside."""
    ran = command("run", "--as-of", as_of, home=home)
    assert ran.code == 0, ran.output
    target = folder / f"{len(list(folder.iterdir()))}.duckdb"
    shutil.copy(home.published_database, target)
    return target, ran.output


@pytest.mark.long
def test_restatements_are_the_difference_of_two_publications(tmp_path: Path) -> None:
    sequence = make_sequence(3, events=1_500)
    names = [name for name, _ in sequence.files]
    home, folder = Home(tmp_path / "home"), tmp_path / "published"
    folder.mkdir()
    # An event of the first day comes at once, so that none before it comes late.
    sequence.write(home, {name for name in names if name != names[2]})
    first, output = publish(home, folder, FIRST_AS_OF)
    assert restated(home) == {}
    assert "restated" not in output

    # A late file, and the two days that are over now.
    sequence.write(home, {names[2]})
    second, output = publish(home, folder, SECOND_AS_OF)
    found = restated(home)
    assert {number: values[:2] for number, values in found.items()} == plain_diff(
        first, second, FIRST_AS_OF
    )
    assert {values[2] for values in found.values()} == {"late_events"}
    assert {number[0] for number in found} == set(KEYS)
    assert "published past numbers changed" in output

    # Another definition of one feature and one attribution, and nothing new in the lake.
    product = PRODUCT.replace("playing: {events: [played]", "playing: {events: [played, opened]")
    product = product.replace("look_back: 5 days", "look_back: 1 days")
    sequence.write(home, set(), product)
    third, _ = publish(home, folder, SECOND_AS_OF)
    found = restated(home)
    assert {number: values[:2] for number, values in found.items()} == plain_diff(
        second, third, SECOND_AS_OF
    )
    assert {values[2] for values in found.values()} == {"definition_changed"}
    assert {number[1].split("/")[0] for number in found} == {"feature", "sales"}
