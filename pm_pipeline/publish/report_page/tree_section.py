"""The page's section about what metrics are made of, and what moved them.

Belongs here: question, answer and table of the metric tree. Does not belong here: looks, or a
figure that no published table holds.
"""

from __future__ import annotations

from pm_pipeline.publish.report_page import words
from pm_pipeline.publish.report_page.figures import Figures
from pm_pipeline.publish.report_page.goal_sections import figure
from pm_pipeline.publish.report_page.parts import Column, Section, Table, definitions, numbers
from pm_pipeline.publish.report_page.story import Row
from pm_pipeline.publish.report_page.story_words import plain

KINDS = {"sum": "the sum of", "product": "the product of", "ratio": "the first by the second of"}


def tree_section(figures: Figures) -> Section | None:
    """Return what each metric of the tree is made of, and what its change came from."""
    rows = figures.story.metric_tree
    if not rows:
        return None
    table = Table(
        caption=f"What metrics are made of, on {words.weekday(rows[0]['activity_date'])}",
        columns=[
            Column("Metric"), Column("Is"), *numbers("That day", "A week before"),
            *numbers("Adds to the change above"), Column("Moved by, as people believe"),
        ],
        rows=[
            [
                "\N{EM SPACE}" * row["depth"] + plain(row["node_name"]), _made_of(row, rows),
                figure(row["value"]), figure(row["previous_value"]), _signed(row["contribution"]),
                plain(row["influenced_by"] or ""),
            ]
            for row in rows
        ],
    )  # fmt: skip
    return Section(
        "metric-tree",
        "Metric tree",
        lead=f"What made our metrics change? {_answer(rows)}",
        shown_table=table,
        notes=["Sums, products and ratios are checked: they hold on every day that is published."],
        definitions=definitions(figures, "goals.metric_tree", ["value", "contribution", "kind"]),
    )


def _inputs(row: Row, rows: list[Row]) -> list[Row]:
    return [each for each in rows if each["parent_name"] == row["node_name"]]


def _made_of(row: Row, rows: list[Row]) -> str:
    if row["kind"] not in KINDS:
        return ""
    names = " and ".join(plain(each["node_name"]) for each in _inputs(row, rows))
    return f"{KINDS[row['kind']]} {names}"


def tree_change(rows: list[Row]) -> str | None:
    """Return the change of the first node and the input that made most of it; None if unknown."""
    return _answer(rows) if rows and rows[0]["contribution"] else None


def _answer(rows: list[Row]) -> str:
    """Return the change of the first node and the input that made most of it."""
    top = rows[0]
    if top["contribution"] is None:
        return f"{plain(top['node_name']).capitalize()} has no value a week before."
    told = (
        f"{plain(top['node_name']).capitalize()} {_signed(top['contribution'])} since a week before"
    )
    known = [each for each in _inputs(top, rows) if each["contribution"] is not None]
    if not known or not top["contribution"]:
        return f"{told}."
    most = max(known, key=lambda each: each["contribution"] * top["contribution"])
    return f"{told}, {_signed(most['contribution'])} of it by {plain(most['node_name'])}."


def _signed(value: float | None) -> str:
    if value is None:
        return words.ABSENT
    return f"{words.sign(value)}{figure(abs(value))}"
