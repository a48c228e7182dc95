"""What the charts of the story look like: goals, expectation, funnels, retention, stages.

Belongs here: marks, axes, colours, tooltips, as in ``specs.py``, whose parts it uses. Does not
belong here: any figure.
"""

from __future__ import annotations

from typing import Any

import altair as alt

from pm_pipeline.publish.report_page.spec_parts import (
    DAY,
    INK,
    LINE,
    MEDIUM,
    SERIES,
    SURFACE,
    TALL,
    TEXT,
    WEEK,
    Layer,
    Spec,
    bands,
    finished,
    numbers,
    time_axis,
    windowed,
)

STAGE_COLOURS = {
    "growth": "var(--new)",
    "introduction": "var(--resurrected)",
    "maturity": "var(--retained)",
    "decline": "var(--churned)",
    "insufficient_data": TEXT,
}
BAND = 0.16
FITTING = "width < 420 ? 8 : 11"
"""The size of the words in a cell: on a phone a cell is as wide as two small digits."""
SHARES = alt.Axis(title=None, format=".0%", tickCount=4, domain=False, ticks=False)


def make_story_specs() -> dict[str, Spec]:
    """Return every kind of chart by its name."""
    return {
        "goal": finished(_goal(), MEDIUM),
        "goal-share": finished(_goal(SHARE), MEDIUM),
        "expected": finished(_expected(), MEDIUM),
        "funnel": finished(_funnel(), MEDIUM),
        "heat": finished(_heat(), TALL),
        "curve": finished(_curve(), MEDIUM),
        "stages": finished(_stages(), MEDIUM),
        "growth-rate": finished(_interval("Growth a week", ".1%"), MEDIUM),
        "adoption": finished(_interval("Adoption", ".0%"), MEDIUM),
        "score": finished(_interval("Score", ",.0f", (",.1f", "Answers")), MEDIUM),
    }


NUMBER = (
    "abs(datum.value) >= 10000 ? format(datum.value, '.3~s') : format(datum.value, ',.4~r')",
    ",.4~r",
)
SHARE = "format(datum.value, '.3~%')", ".1%"
"""How an axis and a tooltip write a value."""


def _value(field: str, written: tuple[str, str] = NUMBER) -> alt.Y:
    axis = alt.Axis(title=None, tickCount=5, domain=False, ticks=False, labelExpr=written[0])
    return alt.Y(f"{field}:Q", axis=axis, scale=alt.Scale(zero=True))


def _goal(written: tuple[str, str] = NUMBER) -> Layer:
    """The weeks behind as a line, those ahead with their interval, and the target."""
    base = windowed()
    band = base.mark_area(color=SERIES[0], opacity=BAND).encode(
        x=time_axis(), y=_value("Low", written), y2="High:Q"
    )
    ahead = base.mark_line(color=SERIES[0], strokeDash=[4, 4], strokeWidth=2).encode(
        x=time_axis(), y=_value("Projected", written)
    )
    # A projection may be of one day only: its interval is a rule then.
    lone = base.mark_rule(color=SERIES[0], strokeWidth=3).encode(
        x=time_axis(),
        y=_value("Low", written),
        y2="High:Q",
        opacity=alt.condition("datum.alone == 1", alt.value(0.5), alt.value(0)),
    )
    behind = base.mark_line(color=SERIES[0], strokeWidth=2.2).encode(
        x=time_axis(), y=_value("Value", written)
    )
    target = (
        base.transform_aggregate(target="min(Target)")
        .mark_rule(color=INK, strokeDash=[2, 3], strokeWidth=1.2)
        .encode(y="target:Q")
    )
    fields = numbers(["Value", "Projected", "Low", "High"], written[1])
    return alt.layer(band, lone, ahead, behind, target, bands(base, WEEK, [], texts=fields))


def _expected() -> Layer:
    """A day's value inside of what was expected; days unlike the others are marked."""
    base = windowed()
    band = base.mark_area(color=SERIES[0], opacity=BAND).encode(
        x=time_axis(), y=_value("Low"), y2="High:Q"
    )
    line = base.mark_line(color=SERIES[0], strokeWidth=1.8).encode(x=time_axis(), y=_value("Value"))
    unlike = base.mark_point(color="var(--churned)", filled=True, size=70).encode(
        x=time_axis(),
        y=_value("Value"),
        opacity=alt.condition("datum.unlike", alt.value(1), alt.value(0)),
    )
    fields = numbers(["Value", "Expected", "Low", "High"], ",.4~r")
    return alt.layer(band, line, unlike, bands(base, DAY, [], texts=fields))


def _names(field: str = "place") -> alt.Y:
    """Return places with their names as labels: Vega cannot sort a name such as __proto__."""
    return alt.Y(
        f"{field}:O",
        axis=alt.Axis(
            title=None,
            domain=False,
            ticks=False,
            labelExpr="names[datum.value]",
            labelLimit=alt.ExprRef("label_width"),
        ),
    )


def _named(base: alt.Chart) -> alt.Chart:
    return base.add_params(
        alt.param(name="label_width", value=180), alt.param(name="names", value=[])
    )


def _funnel() -> Layer:
    """The share that reached each step, with its interval."""
    base = alt.Chart(alt.NamedData("figures"))
    across = alt.X("Share:Q", axis=SHARES, scale=alt.Scale(domain=[0, 1]))
    tooltip = [
        alt.Tooltip("step:N", title="Step"),
        *numbers(["Share", "Low", "High"], ".1%"),
        *numbers(["Reached it", "Old enough"]),
    ]
    bars = base.mark_bar(color=SERIES[0], cornerRadiusEnd=2, height={"band": 0.6}).encode(
        x=across, y=_names(), tooltip=tooltip
    )
    interval = base.mark_rule(color=INK, strokeWidth=2).encode(
        x="Low:Q", x2="High:Q", y=_names(), tooltip=tooltip
    )
    return _named(alt.layer(bars, interval))


def _heat() -> Layer:
    """The share of each cohort that came back; a cell whose period is not over is an outline."""
    base = alt.Chart(alt.NamedData("figures"))
    across = alt.X(
        "Period:O",
        axis=alt.Axis(
            title=None,
            labelAngle=0,
            labelFontSize=alt.ExprRef(FITTING),
            labelPadding=4,
            domain=False,
            ticks=False,
            orient="top",
        ),
    )
    tooltip = [
        alt.Tooltip("cohort:N", title="Cohort"),
        *numbers(["Period"]),
        *numbers(["Came back"], ".1%"),
        *numbers(["People"]),
        alt.Tooltip("over:N", title="The period is"),
    ]
    over = base.transform_filter("datum.over == 'over'")
    cells = over.mark_rect(color=SERIES[0], stroke=SURFACE, strokeWidth=1).encode(
        x=across,
        y=_names(),
        opacity=alt.Opacity(
            "Came back:Q", scale=alt.Scale(domain=[0, 1], range=[0.05, 0.85]), legend=None
        ),
        tooltip=tooltip,
    )
    running = (
        base.transform_filter("datum.over != 'over'")
        .mark_rect(
            color="transparent", fillOpacity=0, stroke=LINE, strokeWidth=1, strokeDash=[2, 2]
        )
        .encode(x=across, y=_names(), tooltip=tooltip)
    )
    words = over.mark_text(color=INK, fontSize=alt.ExprRef(FITTING)).encode(
        x=across, y=_names(), text=alt.Text("words:N")
    )
    return _named(alt.layer(cells, running, words))


def _curve() -> Layer:
    """The share that came back by period, over all cohorts old enough, with its interval."""
    base = alt.Chart(alt.NamedData("figures"))
    across = alt.X(
        "Period:Q",
        axis=alt.Axis(grid=False, title=None, tickMinStep=1, format="d"),
        scale=alt.Scale(nice=False),
    )
    up = alt.Y("Came back:Q", axis=SHARES, scale=alt.Scale(zero=True))
    low = alt.Y("Low:Q", axis=SHARES, scale=alt.Scale(zero=True))
    tooltip = [
        *numbers(["Period"]),
        *numbers(["Came back", "Low", "High"], ".1%"),
        *numbers(["People"]),
    ]
    band = base.mark_area(color=SERIES[0], opacity=BAND).encode(x=across, y=low, y2="High:Q")
    line = base.mark_line(color=SERIES[0], strokeWidth=2.2).encode(x=across, y=up)
    points = base.mark_point(color=SERIES[0], filled=True, size=45, opacity=1).encode(
        x=across, y=up, tooltip=tooltip
    )
    return alt.layer(band, line, points)


def _stages() -> Layer:
    """The weekly growth of each subject with its interval, in the colour of its stage."""
    base = alt.Chart(alt.NamedData("figures"))
    across = alt.X(
        "Growth a week:Q",
        axis=alt.Axis(title=None, format="+.1%", tickCount=5, domain=False, ticks=False),
    )
    colour = alt.Color(
        "stage:N",
        scale=alt.Scale(domain=list(STAGE_COLOURS), range=list(STAGE_COLOURS.values())),
        legend=None,
    )
    tooltip = [
        alt.Tooltip("name:N", title="Of"),
        alt.Tooltip("stage:N", title="Stage"),
        *numbers(["Growth a week", "Low", "High"], "+.1%"),
        *numbers(["People"]),
    ]
    low = alt.X("Low:Q")
    interval = base.mark_rule(strokeWidth=4, opacity=0.55).encode(
        x=low, x2="High:Q", y=_names(), color=colour, tooltip=tooltip
    )
    points = base.mark_point(filled=True, size=90, opacity=1).encode(
        x=across, y=_names(), color=colour, tooltip=tooltip
    )
    zero = (
        base.transform_aggregate(rows="count()")
        .mark_rule(color=TEXT, strokeWidth=1)
        .encode(x=alt.datum(0))
    )
    return _named(alt.layer(zero, interval, points))


def _interval(field: str, number_format: str, told: tuple[str, str] = (".1%", "People")) -> Layer:
    """A figure over time with its interval; ``told``: how the tooltip writes it, and of whom."""
    base = windowed()
    axis = alt.Axis(title=None, format=number_format, tickCount=4, domain=False, ticks=False)
    low = alt.Y("Low:Q", axis=axis, scale=alt.Scale(zero=True))
    band = base.mark_area(color=SERIES[0], opacity=BAND).encode(x=time_axis(), y=low, y2="High:Q")
    line = base.mark_line(color=SERIES[0], strokeWidth=2).encode(
        x=time_axis(), y=alt.Y(f"{field}:Q", axis=axis)
    )
    fields: list[Any] = [*numbers([field, "Low", "High"], told[0]), *numbers([told[1]])]
    return alt.layer(band, line, bands(base, WEEK, [], texts=fields))
