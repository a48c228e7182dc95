"""A page of its own for every feature: its people, its share, its stage, and what to do with it.

Belongs here: question, answer, chart and table of each. Does not belong here: the stages of all
subjects at a glance (``stage_sections.py``), looks, or a figure that no published table holds.
"""

from __future__ import annotations

import json
from itertools import groupby

from pm_pipeline.publish.report_page import charts, story_charts, words
from pm_pipeline.publish.report_page.figures import Figures
from pm_pipeline.publish.report_page.intervals import wilson
from pm_pipeline.publish.report_page.parts import (
    Column,
    Picture,
    Section,
    Table,
    View,
    definitions,
    numbers,
)
from pm_pipeline.publish.report_page.stage_sections import COLUMNS, decided
from pm_pipeline.publish.report_page.story import Row
from pm_pipeline.publish.report_page.story_words import (
    FLIPS,
    LETTERS,
    advice_name,
    stage_name,
    stage_reason,
    watch,
)

TABLE_WEEKS = 13
MONEY, COUNTED_OTHERWISE = "V", ("V", "X")


def feature_views(figures: Figures) -> list[View]:
    """Return a page for each feature that the overview shows."""
    by_name = {
        name: list(weeks)
        for name, weeks in groupby(figures.features, lambda row: row["feature_name"])
    }
    return [
        View(
            key=f"feature-page-{place}",
            title=name,
            sections=_feature_sections(figures, place, name, weeks),
        )
        for place, (name, weeks) in enumerate(by_name.items())
    ]


def _feature_sections(figures: Figures, place: int, name: str, weeks: list[Row]) -> list[Section]:
    judged = [
        row
        for row in figures.story.stages
        if row["subject_kind"] == "feature" and row["subject_name"] == name
    ]
    last = judged[-1] if judged else None
    pictures = [_people(place, name, weeks)]
    adoption = [row for row in figures.story.adoption if row["feature_name"] == name]
    if adoption:
        pictures.append(_adoption(place, adoption))
    if any(row["weekly_growth_rate"] is not None for row in judged):
        pictures.append(_growth(figures, place, judged))
    lead = "No complete week yet."
    if last is not None:
        lead = (
            f"Stage: {stage_name(last['stage'])}"
            f"{_since(last)}. {watch(last['stage'])}"
        )  # fmt: skip
    return [
        Section(f"feature-page-{place}-use", name, lead=lead, pictures=pictures),
        *_advice(place, last),
        *_direction(figures, place, name),
    ]


def _since(row: Row) -> str:
    return f" since {words.day(row['stage_since'])}" if row["stage_since"] else ""


def _people(place: int, name: str, weeks: list[Row]) -> Picture:
    complete = [week for week in weeks if week["is_complete"]]
    answer = "No week is complete yet."
    if complete:
        answer = (
            f"{words.count(complete[-1]['active_users'])} in the week of "
            f"{words.week(complete[-1]['period_start'])}."
        )
    first, end = weeks[0]["period_start"], weeks[-1]["period_start"]
    return Picture(
        key=f"feature-page-{place}-people",
        title="How many people use it each week?",
        answer=answer,
        chart=charts.feature(weeks, first, end, f"Weekly people of {name}. {answer}"),
        notes=["A hollow point is a week that is not over."]
        if not weeks[-1]["is_complete"]
        else [],
    )


def _adoption(place: int, weeks: list[Row]) -> Picture:
    last = weeks[-1]
    low, high = wilson(last["adopters"], last["eligible_users"])
    answer = (
        f"{words.rate(last['adoption_rate'])} of {words.count(last['eligible_users'])} people of "
        f"the week of {words.week(last['period_start'])} ({words.rate(low)} to {words.rate(high)}),"
        f" {words.count(last['new_adopters'])} of them for the first time."
    )
    shown = weeks[-TABLE_WEEKS:]
    return Picture(
        key=f"feature-page-{place}-adoption",
        title="Which part of the product's people use it?",
        answer=answer,
        chart=story_charts.adoption(weeks, f"Line of the share that used it. {answer}"),
        table=Table(
            caption=f"The last {len(shown)} complete weeks",
            columns=[Column("Week"), *numbers("People", "Used it", "Share", "First time")],
            rows=[
                [
                    words.week(week["period_start"]),
                    words.count(week["eligible_users"]),
                    words.count(week["adopters"]),
                    words.rate(week["adoption_rate"]),
                    words.count(week["new_adopters"]),
                ]
                for week in reversed(shown)
            ],
        ),
    )


def _growth(figures: Figures, place: int, judged: list[Row]) -> Picture:
    known = [row for row in judged if row["weekly_growth_rate"] is not None]
    last = known[-1]
    answer = (
        f"{words.sign(last['weekly_growth_rate'])}{words.rate(abs(last['weekly_growth_rate']))} a "
        f"week ({words.rate(last['growth_low'])} to {words.rate(last['growth_high'])})."
    )
    changes = [
        [words.week(row["period_start"]), stage_name(row["stage"]), row["confidence"] or "",
         stage_reason(row["reason"])]
        for before, row in zip([None, *judged], judged, strict=False)
        if before is None or before["stage"] != row["stage"]
    ]  # fmt: skip
    return Picture(
        key=f"feature-page-{place}-growth",
        title="Does its use grow or shrink?",
        answer=answer,
        chart=story_charts.growth_rate(known, f"Line of weekly growth. {answer}"),
        table=Table(
            caption="When its stage changed",
            columns=[Column("Week"), Column("Stage"), Column("Confidence"), Column("Why")],
            rows=changes,
        ),
        notes=[
            "Over 13 complete weeks each, with the 95 % interval; steady at zero.",
            _beside(judged[-1]),
        ],
        definitions=definitions(figures, "lifecycle.product_stages", COLUMNS),
    )


def _beside(row: Row) -> str:
    """Return what stands beside the stage and decides nothing."""
    evidence = json.loads(row["evidence"]) if row["evidence"] else {}
    new, back = (evidence.get(name, {}) for name in ("share_of_new", "week_4_retention"))
    told = [f"quick ratio {words.decimal(row['quick_ratio'], 2)}"]
    if new.get("value") is not None:
        told.append(f"{words.rate(new['value'])} of its people are new")
    if back.get("value") is not None:
        told.append(
            f"{words.rate(back['value'])} of {words.count(back['n'])} new ones came back in week 4"
        )
    return f"Beside it, deciding nothing: {', '.join(told)}."


def _advice(place: int, last: Row | None) -> list[Section]:
    """Return the advice of a feature in decline with each letter of its evidence."""
    if last is None or last["stage"] != "decline":
        return []
    evidence = json.loads(last["evidence"]) if last["evidence"] else {}
    rows = []
    for letter, meaning in LETTERS.items():
        found = evidence.get(letter)
        if isinstance(found, dict):
            rows.append([meaning, *_letter_cells(letter, found)])
    title = advice_name(last["recommendation"]) or "No advice"
    notes = [f"What would turn it: {_flips(evidence['flips'])}."] if evidence.get("flips") else []
    if last["human_action"]:
        notes.insert(0, f"People decided: {decided(last)}.")
    return [
        Section(
            f"feature-page-{place}-advice",
            f"Keep, kill or reboot? {title}",
            lead=last["recommendation_reason"] or "",
            shown_table=Table(
                caption="The evidence",
                columns=[Column("Question"), Column("Answer"), Column("Figures")],
                rows=rows,
            ),
            notes=notes,
        )
    ]


def _letter_cells(letter: str, found: Row) -> list[str]:
    """Return a letter's answer and what stands behind it: shares as percentages, money as it is."""
    holds = {True: "yes", False: "no"}.get(found.get("holds"), "unknown")  # type: ignore[arg-type]
    written = words.decimal if letter == MONEY else words.rate
    figures = []
    if found.get("value") is not None:
        told = written(found["value"])
        if found.get("low") is not None:
            told += f" ({written(found['low'])} to {written(found['high'])})"
        figures.append(told)
    if found.get("n") is not None and letter not in COUNTED_OTHERWISE:
        figures.append(f"{words.count(found['n'])} people")
    if found.get("note"):
        figures.append(str(found["note"]))
    return [holds, "; ".join(figures)]


def _flips(flips: dict[str, str | None]) -> str:
    """Return what would change the advice, by the advice then."""
    by_advice: dict[str, list[str]] = {}
    for flip, advice in flips.items():
        told = advice_name(advice).lower() if advice else "no advice"
        by_advice.setdefault(told, []).append(FLIPS.get(flip, flip))
    return "; ".join(f"{told}, if {' or if '.join(each)}" for told, each in by_advice.items())


def _direction(figures: Figures, place: int, name: str) -> list[Section]:
    rows = [row for row in figures.story.roadmap if row["feature_name"] == name]
    if not rows:
        return []
    return [
        Section(
            f"feature-page-{place}-roadmap",
            "What is built on it?",
            shown_table=Table(
                caption="Items of the roadmap",
                columns=[Column("Item"), Column("Status"), Column("Stands out")],
                rows=[[row["item_name"], row["status"], row["attention"] or ""] for row in rows],
            ),
        )
    ]
