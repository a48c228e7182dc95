"""The metric tree: values of nodes, the split of a change, the edges of influence."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from pm_pipeline.analysis.goals.settings import TreeSettings
from pm_pipeline.analysis.goals.table import METRIC_TREE
from pm_pipeline.analysis.goals.tree import split_change, tree_of, tree_rows

MONDAY = date(2026, 1, 5)
NEXT = MONDAY + timedelta(days=7)
COLUMNS = [column.name for column in METRIC_TREE.columns]
EDGES = [
    ("songs", "product", "people", None, None),
    ("songs", "product", "songs_each", None, None),
    ("people", "influence", "better search", "short_onboarding", "They find what they want."),
    ("people", "influence", "weather", "short_onboarding", "They find what they want."),
]


def rows(
    edges: list[tuple[str, str, str, str | None, str | None]], **metrics: tuple[float, float]
) -> dict[str, dict[str, object]]:
    """Return the rows of the later of two Mondays by node."""
    days = {name: {MONDAY: old, NEXT: new} for name, (old, new) in metrics.items()}
    found = tree_rows(tree_of(edges), days, TreeSettings())
    named = [dict(zip(COLUMNS, row, strict=True)) for row in found]
    return {str(row["node_name"]): row for row in named if row["activity_date"] == NEXT}


def test_a_product_s_change_is_split_by_logarithmic_means() -> None:
    """Section 16: 100 x 5 to 120 x 4.5 is +40 = +94.76 (users) - 54.76 (frequency)."""
    people, frequency = split_change("product", [100, 5], [120, 4.5]) or (0.0, 0.0)
    assert people == pytest.approx(94.76, abs=0.005)
    assert frequency == pytest.approx(-54.76, abs=0.005)
    assert people + frequency == pytest.approx(40)


def test_a_ratio_s_change_is_that_of_both_its_parts() -> None:
    """500 by 100 to 540 by 120: -0.5 in all, up by what is above and down by what is below."""
    above, below = split_change("ratio", [500, 100], [540, 120]) or (0.0, 0.0)
    assert above > 0 > below
    assert above + below == pytest.approx(-0.5)


def test_a_sum_s_change_is_that_of_its_parts() -> None:
    assert split_change("sum", [3, 0, 5], [1, 4, 5]) == [-2, 4, 0]


def test_what_does_not_change_adds_nothing_and_zero_has_no_logarithm() -> None:
    assert split_change("product", [4, 5], [4, 5]) == [0, 0]
    assert split_change("product", [4, 5], [5, 4]) == pytest.approx([4.4628710, -4.4628710])
    assert split_change("product", [0, 5], [4, 5]) is None


def test_nodes_have_their_place_value_and_part_in_the_change() -> None:
    found = rows(EDGES, songs=(500, 540), people=(100, 120), songs_each=(5, 4.5))
    assert [found[name]["depth"] for name in ("songs", "people", "songs_each")] == [0, 1, 1]
    assert [found[name]["position"] for name in ("songs", "people", "songs_each")] == [1, 2, 3]
    assert found["songs"]["contribution"] == 40
    assert found["people"]["parent_name"] == "songs"
    assert found["people"]["contribution"] == pytest.approx(94.76, abs=0.005)
    assert found["people"]["kind"] == "influence" and found["songs_each"]["kind"] == "metric"
    assert found["people"]["influenced_by"] == (
        "better search, weather (evidence: experiment short_onboarding): They find what they want."
    )


def test_a_name_of_the_tree_s_own_is_what_its_inputs_give() -> None:
    edges = [
        ("all_plays", "sum", "web", None, None),
        ("all_plays", "sum", "app", None, None),
        ("share", "ratio", "likes", None, None),
        ("share", "ratio", "all_plays", None, None),
    ]
    found = rows(edges, web=(2, 5), app=(8, 15), likes=(1, 5))
    assert (found["all_plays"]["value"], found["share"]["value"]) == (20, 0.25)
    assert found["all_plays"]["parent_name"] == "share"
    assert found["share"]["contribution"] == pytest.approx(0.15)
    assert "share" not in rows(edges, web=(2, 0), app=(8, 0), likes=(1, 5)), "nothing by nothing"


def test_a_week_without_a_value_before_has_no_contribution() -> None:
    days = {"a": {NEXT: 1.0}, "b": {MONDAY: 1.0, NEXT: 2.0}}
    edges = [("t", "sum", "a", None, None), ("t", "sum", "b", None, None)]
    found = [dict(zip(COLUMNS, row, strict=True))
             for row in tree_rows(tree_of(edges), days, TreeSettings())]  # fmt: skip
    assert {row["contribution"] for row in found} == {None}
