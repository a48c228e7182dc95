"""Audiences as differences: who came, who left, under a key that is the same when asked again."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow.parquet
import pytest

from pm_pipeline.home import Home
from pm_pipeline.publish.audience import audience_difference, write_difference

AS_OF = datetime(2026, 2, 1)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def publish(home: Home, at_risk: Iterable[str]) -> None:
    """Publish a warehouse in which these people are at risk and everybody else is current."""
    home.published_database.parent.mkdir(parents=True, exist_ok=True)
    home.published_database.unlink(missing_ok=True)
    with duckdb.connect(str(home.published_database)) as connection:
        connection.execute(
            "create schema core; create schema lifecycle; create schema quality;"
            "create table core.users (user_id varchar, is_identified boolean, persona varchar);"
            "create table lifecycle.user_stages (user_id varchar, stage varchar);"
            "create table quality.publications (published_at timestamp, as_of timestamp)"
        )
        connection.execute("insert into quality.publications values (?, ?)", [AS_OF, AS_OF])
        for user in ("ann", "bob", "cem", "device:1"):
            stage = "at_risk" if user in at_risk else "current"
            persona = "fan" if user == "bob" else None
            connection.execute(
                "insert into core.users values (?, ?, ?)", [user, ":" not in user, persona]
            )
            connection.execute("insert into lifecycle.user_stages values (?, ?)", [user, stage])


def test_the_first_export_adds_everybody_and_the_next_only_what_changed(
    home: Home, tmp_path: Path
) -> None:
    publish(home, {"ann", "bob", "device:1"})
    first = audience_difference(home, "stage", "at_risk")
    assert (first.added, first.removed) == (("ann", "bob"), ())
    file = write_difference(home, first, tmp_path / "out", "csv")
    publish(home, {"bob", "cem"})
    second = audience_difference(home, "stage", "at_risk")
    assert (second.added, second.removed) == (("cem",), ("ann",))
    other = write_difference(home, second, tmp_path / "out", "csv")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(
        [file.name, other.name]
    )
    with other.open(encoding="utf-8") as opened:
        rows = list(csv.DictReader(opened))
    assert [(row["user_id"], row["change"]) for row in rows] == [
        ("cem", "added"),
        ("ann", "removed"),
    ]
    assert {row["audience"] for row in rows} == {"stage:at_risk"}
    assert {row["idempotency_key"] for row in rows} == {second.key}


def test_asked_again_nothing_is_sent_twice(home: Home, tmp_path: Path) -> None:
    publish(home, {"ann"})
    first = audience_difference(home, "stage", "at_risk")
    assert audience_difference(home, "stage", "at_risk") == first, "not yet written"
    write_difference(home, first, tmp_path, "csv")
    assert audience_difference(home, "stage", "at_risk").is_empty


def test_who_comes_back_is_sent_under_another_key(home: Home, tmp_path: Path) -> None:
    keys = set()
    for at_risk in ({"ann"}, set(), {"ann"}):
        publish(home, at_risk)
        difference = audience_difference(home, "stage", "at_risk")
        keys.add(difference.key)
        write_difference(home, difference, tmp_path, "csv")
    assert len(keys) == 3


def test_a_persona_as_parquet_with_devices_or_without(home: Home, tmp_path: Path) -> None:
    publish(home, {"device:1"})
    target = write_difference(
        home, audience_difference(home, "persona", "fan"), tmp_path, "parquet"
    )
    assert pyarrow.parquet.read_table(target)["user_id"].to_pylist() == ["bob"]
    assert audience_difference(home, "stage", "at_risk").members == ()
    wide = audience_difference(home, "stage", "at_risk", with_devices=True)
    assert wide.members == ("device:1",)


def test_audiences_do_not_mix(home: Home, tmp_path: Path) -> None:
    publish(home, {"bob"})
    write_difference(home, audience_difference(home, "stage", "at_risk"), tmp_path, "csv")
    assert audience_difference(home, "persona", "fan").added == ("bob",)
