"""The week as a message: what changed, why, and what to decide."""

from __future__ import annotations

from pathlib import Path

import duckdb

from pm_pipeline.publish.week_in_words import week_in_words
from tests.fixtures.report_warehouse import HOSTILE_NAMES, make_empty_warehouse, make_warehouse


def test_the_message_says_what_changed_why_and_what_to_decide(tmp_path: Path) -> None:
    database = make_warehouse(tmp_path / "product.duckdb")
    with duckdb.connect(str(database)) as connection:
        connection.execute(
            "create table experiments.decisions as select 'big_buttons' as experiment_name,"
            " 'all' as variant, timestamp '2026-02-18 12:00:00' as decided_as_of,"
            " 'validated' as verdict, 'ship' as action, 'it sells more' as reason,"
            " null::bigint as days_left, null::varchar as human_action,"
            " null::varchar as human_reason, null::boolean as is_contradicted"
        )
    message = week_in_words(database, "Songs")
    assert message.startswith("# Songs: the week of 9 to 15 Feb 2026\n")
    changed, why, decide = (
        message.split(f"**{title}**")[1] for title in ("What changed", "Why", "To decide")
    )
    assert "- Active people: 387, +1 (+0.3\u202f%)" in changed
    assert "🟠 reach: 705 of 900 by 30 Jun 2026, at risk (projected 801, 702 to 899)" in changed
    assert f"daily active users 250 instead of 503: instrumentation: {HOSTILE_NAMES[0]}" in why
    assert "- Loyal, from 1 Jan 2026: net promoter score" in changed
    assert "- Seconds +40 since a week before, +95 of it by people." in why
    assert f"{HOSTILE_NAMES[0]} declines: take it out (old users leave)" in decide
    assert (
        f"{HOSTILE_NAMES[0].replace('_', ' ')}: 25.0\u202f% of 30.0\u202f% by 31 Mar 2026"
        in changed
    )
    assert "- Big buttons: ship it. it sells more" in decide
    assert "untested for 91 days" in decide


def test_without_events_it_says_so(tmp_path: Path) -> None:
    database = make_empty_warehouse(tmp_path / "product.duckdb")
    assert week_in_words(database, "Songs") == "# Songs\n\nNo events yet.\n"
