"""Experiments: verdict, reason and effects of each at a glance, and a page for every one.

Belongs here: which published figures stand where, in which words. Does not belong here: judging;
the decisions have judged already.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pm_pipeline.publish.report_page import words
from pm_pipeline.publish.report_page.charts import (
    DAY,
    EVENT_HEIGHT,
    Chart,
    LegendEntry,
    milliseconds,
)
from pm_pipeline.publish.report_page.experiment_tables import (
    health_tables,
    results_table,
    rollout_tables,
    slices_table,
)
from pm_pipeline.publish.report_page.figures import Figures
from pm_pipeline.publish.report_page.parts import (
    Column,
    Picture,
    Section,
    Table,
    View,
    definitions,
)
from pm_pipeline.publish.report_page.story import Row
from pm_pipeline.publish.report_page.story_words import plain

VERDICTS = {
    "validated": "Validated",
    "refuted": "Refuted",
    "no_meaningful_effect": "No meaningful effect",
    "inconclusive": "Inconclusive",
    "invalid": "Not valid",
}
ACTIONS = {
    "ship": "ship it",
    "roll_back": "roll it back",
    "keep_running": "keep it running",
    "review": "look at it together",
}
COLUMNS = ["difference", "deciding_low", "deciding_high", "adjusted_p_value", "status"]


def experiments_section(figures: Figures) -> Section | None:
    """Return every experiment with its verdict, the reason, and what it changed."""
    decided = [row for row in figures.story.experiment_decisions if row["variant"] == "all"]
    if not decided:
        return None
    pictures, notes, pages = [], [], []
    for row in decided:
        picture = _glance(figures, row)
        if picture is None:
            name = plain(row["experiment_name"]).capitalize()
            notes.append(f"{name}: {_answer(row)}")
            pages.append((name, _key(row["experiment_name"])))
        else:
            pictures.append(picture)
    return Section("experiments", "Experiments", _lead(decided), pictures, notes=notes, pages=pages)


def experiment_views(figures: Figures) -> list[View]:
    """Return a page for each experiment, also for one that has no figures yet."""
    return [
        _view(figures, row) for row in figures.story.experiment_decisions if row["variant"] == "all"
    ]


def _lead(decided: Sequence[Row]) -> str:
    found = {name: sum(row["verdict"] == name for row in decided) for name in VERDICTS}
    parts = [f"{count} {VERDICTS[name].lower()}" for name, count in found.items() if count]
    contradicted = sum(bool(row["is_contradicted"]) for row in decided)
    more = f" People decided otherwise in {contradicted}." if contradicted else ""
    return f"Of {len(decided)}: {', '.join(parts)}.{more}"


def _answer(decision: Row) -> str:
    human = ""
    if decision["human_action"]:
        human = f" People decided to {ACTIONS[decision['human_action']]}"
        human += f": {decision['human_reason']}" if decision["human_reason"] else "."
    verdict, action = VERDICTS[decision["verdict"]], ACTIONS[decision["action"]]
    return f"{verdict}: {action}. {decision['reason']}{human}"


def _key(name: str) -> str:
    return f"experiment-{name}"


def _totals(figures: Figures, name: str) -> list[Row]:
    return [
        row
        for row in figures.story.experiment_results
        if row["experiment_name"] == name and row["segment_name"] == "all"
    ]


def _glance(figures: Figures, decision: Row) -> Picture | None:
    name = decision["experiment_name"]
    totals = _totals(figures, name)
    if not _shown(totals):
        return None
    answer = _answer(decision)
    return Picture(
        key=f"{_key(name)}-glance",
        title=f"{plain(name).capitalize()}: did it work?",
        answer=answer,
        chart=_effects(totals, f"Change of each metric with its interval. {answer}"),
        table=results_table(totals, "What each variant changed"),
        notes=_unshown(totals),
        page=_key(name),
        page_name=plain(name),
    )


def _view(figures: Figures, decision: Row) -> View:
    name = decision["experiment_name"]
    totals = _totals(figures, name)
    decisions = [
        row for row in figures.story.experiment_decisions if row["experiment_name"] == name
    ]
    answer = _answer(decision)
    verdict = Section(
        _key(name) + "-verdict",
        plain(name).capitalize(),
        answer,
        pictures=[*_changes(figures, name, totals, answer), *_timelines(figures, name)],
        shown_tables=[
            Table(
                "What follows for each variant",
                [Column("Variant"), Column("Verdict"), Column("Advice"), Column("Why")],
                [
                    [row["variant"], VERDICTS[row["verdict"]], ACTIONS[row["action"]],
                     row["reason"]]
                    for row in decisions
                ],
            ),
            *rollout_tables(totals),
            *health_tables(figures, name),
        ],
        notes=[] if _shown(totals) else ["No metric has an interval yet.", *_unshown(totals)],
    )  # fmt: skip
    slices = [
        row
        for row in figures.story.experiment_results
        if row["experiment_name"] == name and row["segment_name"] != "all"
        and row["role"] == "primary"
    ]  # fmt: skip
    sections = [verdict]
    if slices:
        sections.append(
            Section(
                _key(name) + "-slices",
                "By segment",
                "Exploratory: many slices are looked at, so some differ by chance. A slice shows a "
                "p only when its dimension as a whole responds differently.",
                shown_table=slices_table(slices),
            )
        )
    return View(_key(name), plain(name).capitalize(), sections)


def _changes(figures: Figures, name: str, totals: Sequence[Row], answer: str) -> list[Picture]:
    """Return what each variant changed; nothing before there is an interval to draw."""
    if not _shown(totals):
        return []
    return [
        Picture(
            key=f"{_key(name)}-effects",
            title="What did each variant change?",
            answer=f"{words.count(totals[0]['control_users_count'])} units of "
            f"{totals[0]['control']} are compared with the others; those whose window is open "
            "do not count yet.",
            chart=_effects(totals, f"Change of each metric with its interval. {answer}"),
            table=results_table(totals, "What each variant changed"),
            notes=_unshown(totals),
            definitions=definitions(figures, "experiments.results", COLUMNS),
        )
    ]


def _state(row: Row) -> str:
    if not row["is_significant"]:
        return "unclear"
    return "better" if row["difference"] > 0 else "worse"


def _shown(rows: Sequence[Row]) -> list[Row]:
    return [
        row
        for row in rows
        if row["difference"] is not None
        and row["deciding_low"] is not None
        and (row["control_mean"] or 0) > 0
    ]


def _effects(rows: Sequence[Row], description: str) -> Chart:
    """Return each change and the ends of its interval as shares of the control's mean."""
    several = len({row["variant"] for row in rows}) > 1
    shown, names = [], []
    for place, row in enumerate(_shown(rows)):
        base = row["control_mean"]
        metric = plain(row["metric_name"])
        label = f"{metric}, {row['variant']}" if several else metric
        names.append(
            words.shortened(f"{label} (guardrail)" if row["role"] == "guardrail" else label)
        )
        shown.append(
            [place, label, row["difference"] / base, row["deciding_low"] / base,
             row["deciding_high"] / base, _state(row)]
        )  # fmt: skip
    legend = [
        LegendEntry("More than the control", "var(--new)", "line"),
        LegendEntry("Less", "var(--churned)", "line"),
        LegendEntry("Unclear", "var(--ink-soft)", "line"),
    ]
    fields = ["place", "metric", "Change", "Low", "High", "state"]
    parameters = {"height": 30 + EVENT_HEIGHT * max(len(shown), 1), "names": names}
    return Chart("effects", description, fields, shown, parameters, legend)


def _unshown(rows: Sequence[Row]) -> list[str]:
    missing = [row for row in rows if row not in _shown(rows)]
    return [
        f"{row['metric_name']} of {row['variant']} has no interval yet ({plain(row['status'])})."
        for row in missing
    ]


def _timelines(figures: Figures, name: str) -> list[Picture]:
    series: dict[tuple[str, str], list[Row]] = {}
    for row in figures.story.experiment_timeline:
        if row["experiment_name"] == name and row["difference"] is not None:
            series.setdefault((row["metric_name"], row["variant"]), []).append(row)
    return [_timeline(name, metric, variant, days) for (metric, variant), days in series.items()]


def _timeline(name: str, metric: str, variant: str, days: Sequence[Row]) -> Picture:
    rows: list[list[Any]] = [
        [milliseconds(day["as_of_date"]), words.weekday(day["as_of_date"]), day["difference"],
         day["deciding_low"], day["deciding_high"], day["users_count"]]
        for day in days
    ]  # fmt: skip
    first, end = rows[0][0], rows[-1][0]
    is_lone = first == end
    parameters = {
        "first": first - DAY if is_lone else first,
        "end": end + DAY if is_lone else end,
        "lone": int(is_lone),
    }
    last = days[-1]
    answer = (
        f"At the end {variant} differed by {last['difference']:+.4g} {plain(metric)} a unit from "
        f"the control, over {words.count(last['users_count'])} units."
    )
    fields = ["at", "label", "Difference", "Low", "High", "Units"]
    return Picture(
        key=f"{_key(name)}-{metric}-{variant}-over-time",
        title=f"How did the change of {plain(metric)} build up, day by day?",
        answer=answer,
        chart=Chart("over-time", f"Difference by day. {answer}", fields, rows, parameters),
    )
