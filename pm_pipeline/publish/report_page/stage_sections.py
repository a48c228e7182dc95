"""The page's section about life-cycle stages of the product and its features.

Belongs here: question, answer, chart and table of it. Does not belong here: a feature's own page
(``feature_pages.py``), looks, or a figure that no published table holds.
"""

from __future__ import annotations

from pm_pipeline.publish.report_page import story_charts, words
from pm_pipeline.publish.report_page.figures import Figures
from pm_pipeline.publish.report_page.parts import (
    Column,
    Picture,
    Section,
    Table,
    definitions,
)
from pm_pipeline.publish.report_page.story import Row
from pm_pipeline.publish.report_page.story_words import (
    STAGES,
    advice_name,
    stage_name,
    stage_reason,
    watch,
)

COLUMNS = ["weekly_growth_rate", "stage", "stage_since", "confidence", "recommendation"]


def stages_section(figures: Figures) -> Section | None:
    """Return which stage the product and its features are in; None before any is judged."""
    subjects = figures.story.last_stages
    if not subjects:
        return None
    advised = [row for row in subjects if row["recommendation"]]
    answer = " ".join(_stage_sentence(row) for row in subjects if row["subject_kind"] == "product")
    answer += _features_by_stage([row for row in subjects if row["subject_kind"] == "feature"])
    if advised:
        told = "; ".join(
            f"{advice_name(row['recommendation']).lower()}: {row['subject_name']}"
            for row in advised
        )
        answer += f" Advice: {told}."
    against = [row["subject_name"] for row in subjects if row["is_contradicted"]]
    if against:
        answer += f" People decided otherwise on {', '.join(against)}."
    pictures = []
    if any(row["weekly_growth_rate"] is not None for row in subjects):
        pictures.append(
            Picture(
                key="stages-growth",
                title="What grows, and what declines?",
                answer=answer,
                chart=story_charts.stages(
                    subjects, f"Weekly growth of product and features with intervals. {answer}"
                ),
                notes=[
                    "Growth a week over the last 13 complete weeks, with its 95 % interval; the "
                    "colour is the stage. A stage changes only after four weeks that say the same; "
                    "why it stands is told in the table."
                ],
            )
        )
    table = Table(
        caption="Stages in the last complete week",
        columns=[
            Column("Of"), Column("Stage"), Column("Since"), Column("Confidence"),
            Column("Advice"), Column("Why"), Column("People decided"),
        ],
        rows=[
            [
                row["subject_name"], stage_name(row["stage"]),
                words.day(row["stage_since"]), row["confidence"] or words.ABSENT,
                advice_name(row["recommendation"]) or words.ABSENT,
                row["recommendation_reason"] or stage_reason(row["reason"]),
                decided(row),
            ]
            for row in subjects
        ],
        states=[
            "look" if row["stage"] == "decline" or row["is_contradicted"] else ""
            for row in subjects
        ],
    )  # fmt: skip
    return Section(
        "stages",
        "Life cycle",
        lead="Where are the product and its features in their life?",
        pictures=pictures,
        shown_table=table,
        notes=[
            *_watched(subjects),
            "Advice is never an act: what people decide stands in product.yml.",
        ],
        definitions=definitions(figures, "lifecycle.product_stages", COLUMNS),
    )


def _features_by_stage(features: list[Row]) -> str:
    """Return the features of each stage in a sentence."""
    told = []
    for stage in STAGES:
        names = [row["subject_name"] for row in features if row["stage"] == stage]
        if names:
            told.append(f"{stage_name(stage)}: {', '.join(names)}")
    return f" Features in {'; in '.join(told)}." if told else ""


def decided(row: Row) -> str:
    """Return what people decided, and whether it is not what is advised."""
    if row["human_action"] is None:
        return words.ABSENT
    told = f"{advice_name(row['human_action'])} ({row['human_by']})"
    if row["human_reason"]:
        told += f": {row['human_reason']}"
    return f"{told} \N{EM DASH} against the advice" if row["is_contradicted"] else told


def _watched(subjects: list[Row]) -> list[str]:
    """Return what to watch in each stage that there is."""
    stages = dict.fromkeys(row["stage"] for row in subjects)
    return [f"{stage_name(stage).capitalize()}: {watch(stage)}" for stage in stages]


def _stage_sentence(row: Row) -> str:
    sentence = f"The {row['subject_name']} is in {stage_name(row['stage'])}"
    if row["stage"] == "insufficient_data":
        return f"Of the {row['subject_name']} there is too little data to tell."
    if row["weekly_growth_rate"] is None:
        return f"{sentence}."
    return (
        f"{sentence}: {words.sign(row['weekly_growth_rate'])}"
        f"{words.rate(abs(row['weekly_growth_rate']))} people a week "
        f"({words.rate(row['growth_low'])} to {words.rate(row['growth_high'])})."
    )
