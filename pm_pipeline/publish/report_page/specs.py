"""What the charts look like: one Vega-Lite specification a kind of chart, made with Altair.

Belongs here: marks, axes, colours, tooltips. Does not belong here: any figure. A specification
knows the fields of its rows (``charts.py``) and a few parameters that the page's script fills:

* ``since``: the first instant shown, chosen by the reader;
* ``first`` and ``end``: where the data begins and ends;
* ``lone``: whether there is a single point, which no line would show;
* ``names`` of events by their place, and ``label_width``, the room for them. The script gives these
  charts a height too, by the number of names.

So a specification never changes with the data, is made once for a version of this file, and ten
charts of a kind share it. Colours are CSS variables of ``page.css``: light, dark and print need no
second drawing. Times are milliseconds since 1970 and scales are UTC: a day stays the same day in
each browser.
"""

from __future__ import annotations

import altair as alt

from pm_pipeline.publish.report_page.experiment_specs import make_experiment_specs
from pm_pipeline.publish.report_page.spec_parts import (
    DAY,
    INK,
    LOW,
    MEDIUM,
    MONTH,
    SERIES,
    SMALL,
    STATE,
    SURFACE,
    TALL,
    TEXT,
    WEEK,
    WHEN,
    Layer,
    Spec,
    bands,
    colour_scale,
    count_axis,
    counts,
    finished,
    lone_point,
    numbers,
    period_width,
    time_axis,
    windowed,
)
from pm_pipeline.publish.report_page.story_specs import make_story_specs

ACTIVE_COLOURS = {"28 days": SERIES[0], "7 days": SERIES[1], "One day": SERIES[2]}
GROWTH_COLOURS = {
    "Retained": "var(--retained)",
    "Resurrected": "var(--resurrected)",
    "New": "var(--new)",
    "Churned": "var(--churned)",
}


def make_specs() -> dict[str, Spec]:
    """Return every kind of chart by its name."""
    return {
        "active": finished(_active(), TALL),
        "stickiness": finished(_stickiness(), MEDIUM),
        "growth-week": finished(_growth(WEEK), TALL),
        "growth-month": finished(_growth(MONTH), TALL),
        "feature": finished(_feature(), SMALL),
        "events": finished(_events(compared=False), MEDIUM),
        "events-compared": finished(_events(compared=True), MEDIUM),
        "segment": finished(_segment(), MEDIUM),
        "arrivals": finished(_arrivals(), LOW),
        **make_story_specs(),
        **make_experiment_specs(),
    }


def _active() -> Layer:
    """Daily, 7-day and 28-day active people as three lines."""
    base = windowed()
    lines = (
        base.transform_fold(list(ACTIVE_COLOURS), as_=["span", "people"])
        .mark_line(point=lone_point())
        .encode(
            x=time_axis(),
            y=counts("people", title="People"),
            color=colour_scale("span", ACTIVE_COLOURS),
            strokeWidth=alt.condition("datum.span == 'One day'", alt.value(1.2), alt.value(2.2)),
        )
    )
    return alt.layer(lines, bands(base, DAY, ["One day", "7 days", "28 days"]))


def _stickiness() -> Layer:
    """The share of the month's people who are active on a day."""
    base = windowed()
    line = base.mark_line(strokeWidth=2.2, color=SERIES[0], point=lone_point()).encode(
        x=time_axis(),
        y=alt.Y(
            "Stickiness:Q",
            axis=alt.Axis(title=None, format=".0%", tickCount=4, domain=False, ticks=False),
            scale=alt.Scale(zero=True),
        ),
    )
    return alt.layer(line, bands(base, DAY, ["Stickiness"], number_format=".1%"))


def _growth(period: int) -> Layer:
    """Who came stacked above zero, who left below; a period that is not over is paler."""
    kinds = list(GROWTH_COLOURS)
    bars = (
        windowed(since="from")
        .transform_fold(kinds, as_=["kind", "people"])
        .transform_filter("isValid(datum.people)")
        .transform_calculate(
            signed="datum.kind == 'Churned' ? -datum.people : datum.people",
            place=f"indexof({kinds}, datum.kind)",
        )
        .mark_bar(width=period_width(period, 0.78), clip=True)
        .encode(
            x=time_axis(),
            y=counts("signed", title="People", stack="zero"),
            color=colour_scale("kind", GROWTH_COLOURS),
            order=alt.Order("place:Q"),
            opacity=alt.condition("datum.over == 'over'", alt.value(1), alt.value(0.42)),
            tooltip=[
                WHEN,
                STATE,
                *numbers(["Active", "New", "Retained", "Resurrected", "Churned"]),
            ],
        )
    )
    zero = (
        alt.Chart(alt.NamedData("figures"))
        .transform_aggregate(rows="count()")
        .mark_rule(color=TEXT, strokeWidth=1)
        .encode(y=alt.datum(0))
    )
    return alt.layer(bars, zero)


def _feature() -> Layer:
    """One feature's weekly people; a week that is not over is a hollow point."""
    base = windowed()
    place = {"x": time_axis(), "y": counts("People", ticks=3)}
    over = base.transform_filter("datum.over == 'over'")
    area = over.mark_area(color=SERIES[0], opacity=0.14).encode(**place)
    line = over.mark_line(color=SERIES[0], strokeWidth=2, point=lone_point()).encode(**place)
    hollow = (
        base.transform_filter("datum.over != 'over'")
        .mark_point(color=SERIES[0], fill=SURFACE, size=36, opacity=1)
        .encode(**place)
    )
    return alt.layer(area, line, hollow, bands(base, WEEK, ["People"], texts=[STATE]))


def _events(*, compared: bool) -> Layer:
    """How often each event happened as bars; compared, a tick marks the week before."""
    base = alt.Chart(alt.NamedData("figures"))
    # By place, the names only as labels: Vega cannot sort a name such as __proto__.
    vertical = alt.Y(
        "place:O",
        axis=alt.Axis(
            title=None,
            domain=False,
            ticks=False,
            labelExpr="names[datum.value]",
            labelLimit=alt.ExprRef("label_width"),
        ),
    )
    tooltip = [alt.Tooltip("event:N", title="Event"), *numbers(["Times"])]
    if compared:
        tooltip += numbers(["The week before"])
    bars = base.mark_bar(color=SERIES[0], cornerRadiusEnd=2, height={"band": 0.62}).encode(
        x=alt.X("Times:Q", axis=count_axis(ticks=4)), y=vertical, tooltip=tooltip
    )
    parameters = [alt.param(name="label_width", value=180), alt.param(name="names", value=[])]
    if not compared:
        return bars.add_params(*parameters)
    ticks = base.mark_tick(color=INK, thickness=2, bandSize=22).encode(
        x="The week before:Q", y=vertical, tooltip=tooltip
    )
    return alt.layer(bars, ticks).add_params(*parameters)


def _segment() -> Layer:
    """People active in each complete week as one line a segment value."""
    base = windowed()
    place = {
        "x": time_axis(),
        "y": counts("People", ticks=4),
        # By place, not by value: a value may be any text, a scale is made once.
        "color": colour_scale("place", {str(place): colour for place, colour in enumerate(SERIES)}),
    }
    lines = base.mark_line(strokeWidth=2, point=lone_point()).encode(**place)
    weeks = base.transform_filter("datum.place == '0'")
    everybody = alt.Tooltip("everybody:N", title="People")
    return alt.layer(lines, bands(weeks, WEEK, [], texts=[everybody]))


def _arrivals() -> Layer:
    """Published events a day as bars: gaps in the data are gaps in the picture."""
    return (
        windowed(since="from")
        .mark_bar(color=SERIES[2], width=period_width(DAY, 0.78), clip=True)
        .encode(
            x=time_axis(),
            y=counts("Events", title="Events", ticks=4),
            tooltip=[WHEN, *numbers(["Events"])],
        )
    )
