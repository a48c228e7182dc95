"""What the charts of experiments look like: effects with their intervals, the result over time.

Belongs here: marks, axes, colours, tooltips, as in ``specs.py``. Does not belong here: any figure.
"""

from __future__ import annotations

import altair as alt

from pm_pipeline.publish.report_page.spec_parts import (
    DAY,
    INK,
    MEDIUM,
    SERIES,
    TEXT,
    Layer,
    Spec,
    bands,
    finished,
    lone_point,
    numbers,
    time_axis,
    windowed,
)

VERDICT_COLOURS = {
    "better": "var(--new)",
    "worse": "var(--churned)",
    "unclear": TEXT,
}
PERCENT = "+.1%"


def make_experiment_specs() -> dict[str, Spec]:
    """Return every kind of chart by its name."""
    return {"effects": finished(_effects(), MEDIUM), "over-time": finished(_over_time(), MEDIUM)}


def _effects() -> Layer:
    """Each metric's change as a point on the interval that decides; zero is no change."""
    base = alt.Chart(alt.NamedData("figures"))
    names = alt.Y(
        "place:O",
        axis=alt.Axis(
            title=None,
            domain=False,
            ticks=False,
            labelExpr="names[datum.value]",
            labelLimit=alt.ExprRef("label_width"),
        ),
    )
    colour = alt.Color(
        "state:N",
        scale=alt.Scale(domain=list(VERDICT_COLOURS), range=list(VERDICT_COLOURS.values())),
        legend=None,
    )
    axis = alt.Axis(title="of the control", format="+.0%", tickCount=5, domain=False, ticks=False)
    tooltip = [
        alt.Tooltip("metric:N", title="Metric"),
        *numbers(["Change", "Low", "High"], PERCENT),
        alt.Tooltip("state:N", title="Against the control"),
    ]
    intervals = base.mark_rule(strokeWidth=3).encode(
        x=alt.X("Low:Q", axis=axis), x2="High:Q", y=names, color=colour, tooltip=tooltip
    )
    points = base.mark_point(filled=True, size=70, opacity=1).encode(
        x="Change:Q", y=names, color=colour, tooltip=tooltip
    )
    zero = (
        base.transform_aggregate(rows="count()")
        .mark_rule(color=INK, strokeDash=[2, 3], strokeWidth=1.2)
        .encode(x=alt.datum(0))
    )
    return alt.layer(zero, intervals, points).add_params(
        alt.param(name="label_width", value=180), alt.param(name="names", value=[])
    )


def _over_time() -> Layer:
    """The difference as it stood at the end of each day, inside of the interval that decides."""
    base = windowed()
    value = alt.Axis(title=None, tickCount=5, domain=False, ticks=False, format="+,.3~r")
    band = base.mark_area(color=SERIES[0], opacity=0.16).encode(
        x=time_axis(), y=alt.Y("Low:Q", axis=value), y2="High:Q"
    )
    line = base.mark_line(color=SERIES[0], strokeWidth=2.2, point=lone_point()).encode(
        x=time_axis(), y=alt.Y("Difference:Q", axis=value)
    )
    zero = (
        base.transform_aggregate(rows="count()")
        .mark_rule(color=INK, strokeDash=[2, 3], strokeWidth=1.2)
        .encode(y=alt.datum(0))
    )
    fields = numbers(["Difference", "Low", "High"], "+,.4~r")
    return alt.layer(band, line, zero, bands(base, DAY, [], texts=[*fields, *numbers(["Units"])]))
