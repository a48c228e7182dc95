"""``paths:`` as it is read, refused and handed to dbt."""

from __future__ import annotations

from datetime import timedelta

import pytest
from product_files import MINIMAL

from pm_pipeline.product import definition_tables
from pm_pipeline.product.definitions.fingerprints import named_sha256s

PATHS = (
    MINIMAL
    + """\
paths:
  after: {from: {event: sign_up, where: "platform = 'ios'"}, within: 7 days, events: [b, a]}
  before: {to: {event: any}, within: session, steps: 3, interval: day, collapse_repeats: true}
  visits: {within: session}
"""
)


def test_defaults(load) -> None:
    path = load(PATHS).paths["after"]
    assert (path.within, path.steps, path.interval) == (timedelta(days=7), 20, "week")
    assert path.collapse_repeats is False


def test_tables(load) -> None:
    tables = definition_tables(load(PATHS))
    assert tables["paths"].rows == (
        ("after", "from", "sign_up", "platform = 'ios'", 604_800, 20, "week", False),
        ("before", "to", None, None, None, 3, "day", True),
        ("visits", "session", None, None, None, 20, "week", False),
    )
    assert tables["path_events"].rows == (("after", "a"), ("after", "b"))


def test_a_change_of_the_kept_events_changes_that_path_alone(load) -> None:
    before = named_sha256s(load(PATHS))
    after = named_sha256s(load(PATHS.replace("[b, a]", "[b, c]")))
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {("path", "after")}


FAULTS = {
    "both ends": (
        "{from: {event: a}, to: {event: b}, within: 1 day}",
        "paths.p",
        "expected from or to, not both",
    ),
    "no end": (
        "{within: 1 day}",
        "paths.p",
        "expected from or to: only a path within a session needs neither",
    ),
    "no window": ("{from: {event: a}}", "paths.p.within", "this key is required"),
    "odd window": (
        "{from: {event: a}, within: a visit}",
        "paths.p.within",
        "expected session or a duration such as '7 days', got 'a visit'",
    ),
    "zero window": ("{from: {event: a}, within: 0}", "paths.p.within", "expected session or a"),
    "misspelled": (
        "{form: {event: a}, within: session}",
        "paths.p.form",
        "unknown key, did you mean 'from'?",
    ),
    "one step": (
        "{from: {event: a}, within: session, steps: 1}",
        "paths.p.steps",
        "expected at least 2, got 1",
    ),
    "too many steps": (
        "{from: {event: a}, within: session, steps: 101}",
        "paths.p.steps",
        "expected at most 100, got 101",
    ),
    "interval": (
        "{from: {event: a}, within: session, interval: weekly}",
        "paths.p.interval",
        "did you mean 'week'?",
    ),
    "condition": (
        "{from: {event: a, where: 'platfrom = 1'}, within: session}",
        "paths.p.from.where",
        "unknown column 'platfrom', did you mean 'platform'?",
    ),
    "no events": (
        "{from: {event: a}, within: session, events: []}",
        "paths.p.events",
        "expected at least 1 entry, got 0",
    ),
}


@pytest.mark.parametrize(("text", "key", "message"), FAULTS.values(), ids=FAULTS.keys())
def test_faults_have_line_key_and_cure(faults_of, text: str, key: str, message: str) -> None:
    (fault,) = faults_of(f"{MINIMAL}paths:\n  p: {text}\n")
    assert (fault.line, fault.key) == (12, key)
    assert message in fault.message
