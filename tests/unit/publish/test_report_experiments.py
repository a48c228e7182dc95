"""The report's experiments: verdict and reason at a glance, and a page for each."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest

from pm_pipeline.analysis.experiments.evaluation import evaluate
from pm_pipeline.analysis.experiments.reading import HumanDecision
from pm_pipeline.analysis.experiments.result_tables import (
    DECISIONS,
    HEALTH,
    RESULTS,
    TIMELINE,
    decision_rows,
    health_rows,
    result_rows,
    timeline_rows,
)
from pm_pipeline.publish.report_page.experiment_sections import (
    experiment_views,
    experiments_section,
)
from pm_pipeline.publish.report_page.figures import QUERIES
from pm_pipeline.publish.report_page.story import read_story
from tests.fixtures.counted_experiments import Made


def figures_of(made: Made, folder: Path, days: int | None = None) -> Any:
    """The figures that the report reads, of one experiment as the analysis writes it."""
    clock = made.clock(days)
    evaluated = [evaluate(made.planned(), made.cells(clock), clock)]
    with duckdb.connect(str(folder / "published.duckdb")) as connection:
        RESULTS.write(connection, result_rows(evaluated))
        HEALTH.write(connection, health_rows(evaluated))
        TIMELINE.write(connection, timeline_rows(evaluated))
        DECISIONS.write(connection, decision_rows(evaluated, clock))

        def rows(name: str) -> list[dict[str, Any]]:
            found = connection.execute((QUERIES / f"{name}.sql").read_text(encoding="utf-8"))
            columns = [column[0] for column in found.description]
            return [dict(zip(columns, row, strict=True)) for row in found.fetchall()]

        return SimpleNamespace(story=read_story(rows), comments={})


def test_verdict_reason_and_what_people_decided_stand_at_a_glance(tmp_path: Path) -> None:
    decision = HumanDecision("roll_back", date(2026, 1, 30), "Ann", "Support complained.")
    figures = figures_of(Made(decision=decision), tmp_path)
    section = experiments_section(figures)
    assert section is not None
    assert section.lead == "Of 1: 1 validated. People decided otherwise in 1."
    (picture,) = section.pictures
    assert picture.answer.startswith("Validated: ship it. new: songs moved by +")
    assert picture.answer.endswith("People decided to roll it back: Support complained.")
    rows = {row[1]: row for row in picture.chart.rows}
    assert rows.keys() == {"songs", "likes"}
    place, _, change, low, high, state = rows["songs"]
    assert (place, state) == (0, "better")
    assert 0 < low < change < high


def test_its_page_has_health_intervals_timeline_and_slices(tmp_path: Path) -> None:
    (view,) = experiment_views(figures_of(Made(), tmp_path))
    verdict, slices = view.sections
    kinds = [picture.chart.kind for picture in verdict.pictures]
    assert kinds == ["effects", "over-time"]
    days = [row[-1] for row in verdict.pictures[1].chart.rows]
    assert days == sorted(days) and len(days) == 20
    captions = [table.caption for table in verdict.shown_tables]
    assert captions == ["What follows for each variant",
                        "Can it be trusted, and is it time to read it?"]  # fmt: skip
    checks = {row[0] for row in verdict.shown_tables[1].rows}
    assert {"sample ratio", "minimum users", "minimum runtime"} <= checks
    assert slices.shown_table is not None
    assert {row[0] for row in slices.shown_table.rows} == {"platform: ios", "platform: web"}


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (Made(treated_share=0.35), "Not valid: look at it together."),
        (Made(effect=-0.6), "Refuted: roll it back."),
        (Made(harm=1.5), "Validated: roll it back."),
        (Made(effect=0.0), "Inconclusive: look at it together."),
    ],
)
def test_what_is_wrong_is_said(made: Made, words: str, tmp_path: Path) -> None:
    section = experiments_section(figures_of(made, tmp_path))
    assert section is not None
    assert section.pictures[0].answer.startswith(words)


def test_without_experiments_there_is_no_section(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "published.duckdb")) as connection:
        DECISIONS.write(connection, [])
    story = SimpleNamespace(experiment_decisions=[], experiment_results=[])
    assert experiments_section(SimpleNamespace(story=story, comments={})) is None  # type: ignore[arg-type]
    assert experiment_views(SimpleNamespace(story=story, comments={})) == []  # type: ignore[arg-type]


def test_an_experiment_without_figures_has_a_page_that_is_linked(tmp_path: Path) -> None:
    """Its windows are open: nothing can be drawn, but health and advice are known."""
    figures = figures_of(Made(), tmp_path, days=3)
    section = experiments_section(figures)
    assert section is not None and section.pictures == []
    (view,) = experiment_views(figures)
    ((name, key),) = section.pages
    assert (view.key, view.title) == (key, name)
    (verdict, *_) = view.sections
    assert verdict.pictures == []
    assert "No metric has an interval yet." in verdict.notes
    assert [table.caption for table in verdict.shown_tables][-1] == (
        "Can it be trusted, and is it time to read it?"
    )
