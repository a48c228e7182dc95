"""``cohorts:`` as it is read, refused and handed to dbt."""

from __future__ import annotations

import pytest
from product_files import MINIMAL

from pm_pipeline.product import base_sha256, definition_tables
from pm_pipeline.product.loading import read_product

COHORTS = (
    MINIMAL
    + """\
personas: {chef: {where: is_identified}}
cohorts:
  zeal: {did: {event: a, where: "platform = 'ios'", at_least: 3, within: 1 day}}
  ever: {did: {event: any}}
  quick: {sequence: {first: {event: a}, then: {event: b, where: properties.ok}, within: 1 hour}}
  rest: {did_not: {event: a, within: 2 days}}
  chefs: {persona: chef}
  best: {all_of: [zeal, quick], except: [rest]}
  all: {any_of: [best, chefs]}
"""
)


def test_tables(load) -> None:
    tables = definition_tables(load(COHORTS))
    rows = {row[0]: row[1:] for row in tables["cohorts"].rows}
    nothing = (None,) * 7
    assert rows["zeal"] == (
        "did", 0, False, None, "a", "platform = 'ios'", None, None, 3, 86_400, 86_400
    )  # fmt: skip
    assert rows["ever"] == ("did", 0, False, None, None, None, None, None, 1, None, None)
    assert rows["quick"][:5] == ("sequence", 0, False, None, "a")
    assert rows["quick"][6:7] + rows["quick"][8:] == ("b", 1, 3600, None)
    assert rows["rest"] == ("did_not", 0, False, None, "a", None, None, None, 1, 172_800, 172_800)
    assert rows["chefs"] == ("persona", 0, True, "chef", *nothing)
    assert rows["best"] == ("all_of", 1, False, None, *nothing)
    assert rows["all"] == ("any_of", 2, True, None, *nothing)
    assert tables["cohort_parts"].rows == (
        ("all", "best", False), ("all", "chefs", False),
        ("best", "quick", False), ("best", "rest", True), ("best", "zeal", False),
    )  # fmt: skip


FAULTS = {
    "two kinds": (
        "{did: {event: a}, did_not: {event: a}}",
        "cohorts.c",
        "expected exactly one of did or did_not or sequence or persona or all_of or any_of",
    ),
    "no kind": ("{}", "cohorts.c", "expected exactly one of did"),
    "misspelled": (
        "{did_nto: {event: a}}",
        "cohorts.c.did_nto",
        "unknown key, did you mean 'did_not'?",
    ),
    "zero times": (
        "{did: {event: a, at_least: 0}}",
        "cohorts.c.did.at_least",
        "expected at least 1, got 0",
    ),
    "odd window": (
        "{did_not: {event: a, within: often}}",
        "cohorts.c.did_not.within",
        "expected a duration such as '30 minutes' or '7 days', got 'often'",
    ),
    "sequence without a window": (
        "{sequence: {first: {event: a}, then: {event: b}}}",
        "cohorts.c.sequence.within",
        "this key is required",
    ),
    "condition": (
        "{did: {event: a, where: 'platfrom = 1'}}",
        "cohorts.c.did.where",
        "unknown column 'platfrom', did you mean 'platform'?",
    ),
    "unknown persona": ("{persona: chief}", "cohorts.c.persona", "unknown persona 'chief'"),
    "unknown cohort": (
        "{all_of: [a_cohort, othr]}",
        "cohorts.c.all_of[1]",
        "unknown cohort 'othr', did you mean 'other'?",
    ),
    "except alone": (
        "{did: {event: a}, except: [other]}",
        "cohorts.c",
        "except is only for cohorts with all_of or any_of",
    ),
    "wanted and excepted": (
        "{any_of: [other], except: [other]}",
        "cohorts.c",
        "'other' is both wanted and excepted",
    ),
    "a circle": (
        "{any_of: [ring]}\n  ring: {all_of: [c]}",
        "cohorts",
        "c or ring: made of each other in a circle",
    ),
    "itself": ("{any_of: [c, other]}", "cohorts", "c: made of each other in a circle"),
}


@pytest.mark.parametrize(("text", "key", "message"), FAULTS.values(), ids=FAULTS.keys())
def test_faults_have_key_and_cure(faults_of, text: str, key: str, message: str) -> None:
    others = "other: {did: {event: a}}\n  a_cohort: {did: {event: b}}"
    (fault,) = faults_of(f"{MINIMAL}cohorts:\n  c: {text}\n  {others}\n")
    assert fault.line == (11 if key == "cohorts" else 12)
    assert fault.key == key
    assert message in fault.message


def segmented(by: str) -> str:
    return COHORTS.replace("  name: Larder\n", f"  name: Larder\n  segments: [{by}]\n")


def test_a_cohort_is_a_segment_of_its_own_name(load) -> None:
    tables = definition_tables(load(segmented("platform, cohorts.best")))
    assert tables["segments"].rows[1] == ("best", 2, "cohort_best")
    assert [row[0] for row in tables["segment_cohorts"].rows] == ["best"]


def test_a_funnel_may_be_segmented_by_a_cohort(load, tmp_path) -> None:
    path = tmp_path / "funnels.yml"
    steps = "[{name: one, event: a}, {name: two, event: b}]"
    path.write_text(
        COHORTS + f"funnels: {{f: {{steps: {steps}, window: 1 day, segments: [cohorts.zeal]}}}}\n"
    )
    tables = definition_tables(read_product(path, refuse_later_work=False))
    assert [row[0] for row in tables["segment_cohorts"].rows] == ["zeal"]


@pytest.mark.parametrize(
    ("old", "new", "rebuilds"),
    [
        ("at_least: 3", "at_least: 4", True),  # best is made of it
        ("within: 2 days", "within: 3 days", True),  # and excepts this
        ("any_of: [best, chefs]", "any_of: [best]", False),
        ("ever: {did: {event: any}}", "ever: {did: {event: a}}", False),
    ],
)
def test_what_a_segment_rests_on_rebuilds_when_it_changes(
    load, old: str, new: str, rebuilds: bool
) -> None:
    text = segmented("cohorts.best")
    before, after = load(text), load(text.replace(old, new))
    assert (base_sha256(before) != base_sha256(after)) is rebuilds


@pytest.mark.parametrize(
    ("by", "message"),
    [
        ("cohorts.bset", "unknown cohort 'bset', did you mean 'best'?"),
        ("cohorts.chefs", "not supported yet: a segment by 'chefs', a cohort of personas"),
        ("cohorts.all_chefs", "not supported yet: a segment by 'all_chefs'"),
        ("cohorts.zeal, properties.zeal", "two segments are named 'zeal'"),
        ("cohorts.all", "a segment cannot be named 'all'"),
        ("cohorts.Best", "expected a column or properties.<name>"),
    ],
)
def test_segments_that_are_refused(faults_of, by: str, message: str) -> None:
    (fault,) = faults_of(segmented(by).replace("  all: {", "  all_chefs: {"))
    assert fault.line == 3
    assert message in fault.message
