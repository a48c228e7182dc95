"""The page's section about what users say: scores of surveys, by who answered.

Belongs here: question, answer and tables of each survey. Does not belong here: looks, or a figure
that no published table holds.
"""

from __future__ import annotations

from itertools import groupby

from pm_pipeline.publish.report_page import story_charts, words
from pm_pipeline.publish.report_page.figures import Figures
from pm_pipeline.publish.report_page.parts import (
    Column,
    Picture,
    Section,
    Table,
    definitions,
    numbers,
)
from pm_pipeline.publish.report_page.story import Row
from pm_pipeline.publish.report_page.story_words import plain

KINDS = {"nps": "net promoter score", "csat": "share satisfied, in %,"}
WHO = {"all": "", "(none)": "none of them"}


def survey_answers(rows: list[Row]) -> list[str]:
    """Return what each survey says in a sentence, the last period beside the one before."""
    return [_answer(survey) for survey in _surveys(rows)]


def survey_section(figures: Figures) -> Section | None:
    """Return what users say and how sure that is; None before a survey's period is over."""
    rows = figures.story.survey_scores
    if not rows:
        return None
    surveys = _surveys(rows)
    pictures = [_picture(place, *survey) for place, survey in enumerate(surveys)]
    told = [_answer(survey) for survey, drawn in zip(surveys, pictures, strict=True) if not drawn]
    return Section(
        "surveys",
        "What users say",
        lead=" ".join(["How happy are they, and who is not?", *told]),
        pictures=[picture for picture in pictures if picture is not None],
        shown_tables=[_table(survey) for survey in surveys],
        notes=[
            "Of a person the last answer of a period counts; personas, stages and features are "
            "those of the answer's day. Fewer than 10 answers are no score."
        ],
        definitions=definitions(
            figures, "goals.survey_scores", ["score", "score_low", "segment_name"]
        ),
    )


def _surveys(rows: list[Row]) -> list[tuple[str, list[Row]]]:
    return [(name, list(own)) for name, own in groupby(rows, key=lambda row: row["survey_name"])]


def _answer(survey: tuple[str, list[Row]]) -> str:
    name, rows = survey
    last = rows[0]
    told = (
        f"{plain(name).capitalize()}, from {words.day(last['period_start'])}: "
        f"{KINDS[last['kind']]} {_score(last)} of {words.count(last['answers_count'])} answers"
    )
    before = next((row for row in rows[1:] if row["segment_name"] == "all"), None)
    return f"{told}; the period before {_score(before)}." if before else f"{told}."


def _picture(place: int, name: str, rows: list[Row]) -> Picture | None:
    """Return a survey's score over time; None before there are two scores."""
    known = [row for row in rows if row["segment_name"] == "all" and row["score"] is not None]
    if len(known) < 2:
        return None
    answer = _answer((name, rows))
    return Picture(
        key=f"survey-{place}",
        title=f"{plain(name).capitalize()}: do they grow happier?",
        answer=answer,
        chart=story_charts.score(known[::-1], f"Line of a survey's score. {answer}"),
        notes=[
            "Each period with its 95 % interval; one that has fewer than 10 answers is left out."
        ],
    )


def _table(survey: tuple[str, list[Row]]) -> Table:
    name, rows = survey
    last = rows[0]
    shown = [row for row in rows if row["period_start"] == last["period_start"]]
    return Table(
        caption=f"{plain(name).capitalize()}: {KINDS[last['kind']].rstrip(',')}, "
        f"from {words.day(last['period_start'])}",
        columns=[Column("By"), Column("Who"), *numbers("Answers", "Score", "From", "To")],
        rows=[
            [
                "everybody" if row["segment_name"] == "all" else row["segment_name"],
                WHO.get(row["segment_value"], plain(row["segment_value"])),
                words.count(row["answers_count"]),
                words.decimal(row["score"]),
                words.decimal(row["score_low"]),
                words.decimal(row["score_high"]),
            ]
            for row in shown
        ],
    )


def _score(row: Row) -> str:
    if row["score"] is None:
        return "too few answers for a score"
    low, high = words.decimal(row["score_low"]), words.decimal(row["score_high"])
    return f"{words.decimal(row['score'])} ({low} to {high})"
