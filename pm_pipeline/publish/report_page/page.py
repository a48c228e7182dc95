"""One HTML file from figures: sections in order, template, data, scripts, policy.

Belongs here: what makes the page a page. Does not belong here: what a section says, or how a chart
looks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from pm_pipeline.publish.report_page import words
from pm_pipeline.publish.report_page.behaviour_sections import (
    funnels_section,
    retention_section,
)
from pm_pipeline.publish.report_page.charts import milliseconds
from pm_pipeline.publish.report_page.drawing import Drawing, drawing
from pm_pipeline.publish.report_page.escaping import content_security_policy, json_in_script
from pm_pipeline.publish.report_page.experiment_sections import (
    experiment_views,
    experiments_section,
)
from pm_pipeline.publish.report_page.feature_pages import feature_views
from pm_pipeline.publish.report_page.figures import DAYS_A_WEEK, Figures
from pm_pipeline.publish.report_page.goal_sections import (
    anomalies_section,
    direction_section,
    goals_section,
)
from pm_pipeline.publish.report_page.last_week import SPARK_WEEKS, last_week
from pm_pipeline.publish.report_page.parts import Picture, Section, View
from pm_pipeline.publish.report_page.sections import active_section, growth_section
from pm_pipeline.publish.report_page.stage_sections import stages_section
from pm_pipeline.publish.report_page.survey_section import survey_section
from pm_pipeline.publish.report_page.tree_section import tree_section
from pm_pipeline.publish.report_page.trust import SHORT_RUN_ID, Trust, trust
from pm_pipeline.publish.report_page.usage import event_section, feature_section, segment_section
from pm_pipeline.publish.report_page.user_stage_section import user_stages_section

TEMPLATES = Path(__file__).with_name("template")
RANGES = [("13 weeks", 13), ("26 weeks", 26), ("1 year", 52)]
CHOSEN_WEEKS = 26


@dataclass(frozen=True)
class Heading:
    """What stands above the figures."""

    product_name: str
    vision: str | None
    timezone: str
    week_starts_on: str | None


@dataclass(frozen=True)
class Range:
    """A choice of how far back charts reach; ``start`` in milliseconds since 1970."""

    label: str
    start: int
    chosen: bool


def render_page(figures: Figures, heading: Heading, cache: Path | None = None) -> str:
    """Return the page as one HTML document that needs nothing else."""
    sections = _sections(figures)
    views = [] if figures.is_empty else [*experiment_views(figures), *feature_views(figures)]
    quality = trust(figures, heading.timezone)
    tools = drawing(cache)
    script = _asset("page.js")
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined
    )
    return environment.get_template("page.html").render(
        product_name=heading.product_name,
        vision=heading.vision,
        timezone=heading.timezone,
        week_starts_on=(heading.week_starts_on or "").capitalize(),
        stamp=_stamp(figures, heading.timezone),
        contents=_contents(figures, sections),
        ranges=_ranges(figures),
        week=None if figures.is_empty else last_week(figures),
        spark_weeks=min(SPARK_WEEKS, len(figures.complete_weeks)),
        sections=sections,
        views=views,
        trust=quality,
        has_definitions=bool(figures.comments),
        policy=content_security_policy([tools.library, script]),
        style=Markup(_asset("page.css")),
        data=Markup(json_in_script(_drawn(sections, views, quality, tools))),
        library=Markup(tools.library),
        script=Markup(script),
    )


def _sections(figures: Figures) -> list[Section]:
    if figures.is_empty:
        return []
    found = [
        goals_section(figures),
        tree_section(figures),
        anomalies_section(figures),
        active_section(figures),
        growth_section(figures),
        user_stages_section(figures),
        funnels_section(figures),
        retention_section(figures),
        stages_section(figures),
        survey_section(figures),
        experiments_section(figures),
        direction_section(figures),
        feature_section(figures),
        event_section(figures),
        segment_section(figures),
    ]
    return [section for section in found if section is not None]


def _drawn(
    sections: Sequence[Section], views: Sequence[View], quality: Trust, tools: Drawing
) -> dict[str, object]:
    """Return what the page's script draws: specifications by kind, charts by the place's key."""
    pictures: list[Picture] = [
        picture
        for section in [*sections, *(section for view in views for section in view.sections)]
        for picture in [*section.pictures, *section.tiles]
    ]
    if quality.arrivals:
        pictures.append(quality.arrivals)
    charts = {
        picture.key: {
            "kind": picture.chart.kind,
            "description": picture.chart.description,
            "parameters": picture.chart.parameters,
            "fields": picture.chart.fields,
            "rows": picture.chart.rows,
        }
        for picture in pictures
    }
    kinds = {picture.chart.kind for picture in pictures}
    return {"specs": {kind: tools.specs[kind] for kind in sorted(kinds)}, "charts": charts}


def _contents(figures: Figures, sections: Sequence[Section]) -> list[tuple[str, str]]:
    found = [] if figures.is_empty else [("last-week", "Last week")]
    found += [(section.key, section.title) for section in sections]
    return [*found, ("trust", "Data quality")]


def _stamp(figures: Figures, timezone: str) -> list[tuple[str, str]]:
    publication = figures.publication
    if publication is None:
        return [("Published", "not yet")]
    return [
        ("As of", words.instant(publication["as_of"], timezone)),
        ("Newest event", words.instant(publication["last_event_at"], timezone)),
        ("Published", words.instant(publication["published_at"], timezone)),
        ("Events", words.count(publication["events_count"])),
        ("Run", publication["run_id"][:SHORT_RUN_ID]),
    ]


def _ranges(figures: Figures) -> list[Range]:
    """Return the ranges that are shorter than the history, and all of it."""
    if not figures.weeks:
        return []
    last = figures.weeks[-1]["period_start"]
    first = figures.weeks[0]["period_start"]
    starts = [(label, last - timedelta(days=DAYS_A_WEEK * weeks), weeks) for label, weeks in RANGES]
    ranges = [
        Range(label, milliseconds(start), chosen=weeks == CHOSEN_WEEKS)
        for label, start, weeks in starts
        if start > first
    ]
    if not ranges:
        return []
    return [*ranges, Range("All", 0, chosen=not any(each.chosen for each in ranges))]


def _asset(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")
