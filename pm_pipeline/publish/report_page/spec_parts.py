"""What the specifications of all charts share: axes, colours, bands under the pointer, looks.

Belongs here: parts of more than one chart. Does not belong here: a chart.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import altair as alt

GRAMMAR_VERSION = ".".join(alt.SCHEMA_VERSION.lstrip("v").split(".")[:2])
"""The version of Vega-Lite that this Altair writes, such as ``6.1``."""

Spec = dict[str, Any]
Layer: TypeAlias = Any
"""An Altair chart, of one layer or several."""

DAY = 86_400_000
WEEK, MONTH = 7 * DAY, 30 * DAY
TALL, MEDIUM, LOW, SMALL = 300, 220, 160, 120
FLUSH = 30
"""Labels this near to an end of the time axis stay inside of the picture."""
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
TEXT, LINE, SURFACE, INK = "var(--ink-soft)", "var(--line)", "var(--surface)", "var(--ink)"
SERIES = [f"var(--series-{number})" for number in range(1, 7)]
WHEN = alt.Tooltip("label:N", title="When")
STATE = alt.Tooltip("over:N", title="The period is")


def windowed(since: str = "at") -> alt.Chart:
    """Return a chart of the rows that the chosen range shows."""
    parameters = [alt.param(name=name, value=0) for name in ("since", "first", "end", "lone")]
    return (
        alt.Chart(alt.NamedData("figures"))
        .transform_filter(f"toNumber(datum.{since}) >= since")
        .add_params(*parameters)
    )


def time_axis() -> alt.X:
    """Return the time, from the chosen start to the end of the data."""
    return alt.X(
        "at:T",
        axis=alt.Axis(
            grid=False,
            title=None,
            labelOverlap=True,
            labelFlush=FLUSH,
            tickCount=alt.ExprRef("max(2, floor(width / 90))"),
        ),
        scale=alt.Scale(
            type="utc",
            domain=[alt.ExprRef("max(since, first)"), alt.ExprRef("end")],
            nice=False,
        ),
    )


def counts(field: str, *, title: str | None = None, ticks: int = 5, stack: Any = None) -> alt.Y:
    """Return counts of people upwards from zero."""
    return alt.Y(
        f"{field}:Q",
        axis=count_axis(title=title, ticks=ticks),
        scale=alt.Scale(zero=True),
        stack=stack,
    )


def count_axis(*, title: str | None = None, ticks: int) -> alt.Axis:
    """Return an axis of whole numbers; below zero the place says the sign, not the label."""
    return alt.Axis(
        title=title,
        tickCount=ticks,
        tickMinStep=1,
        domain=False,
        ticks=False,
        labelExpr="abs(datum.value) >= 10000 ? format(abs(datum.value), '.3~s')"
        " : format(abs(datum.value), ',')",
    )


def colour_scale(field: str, colours: dict[str, str]) -> alt.Color:
    """Return the colours of a field; the legend is HTML, which wraps on a phone."""
    scale = alt.Scale(domain=list(colours), range=list(colours.values()))
    return alt.Color(f"{field}:N", scale=scale, legend=None)


def period_width(period: int, share: float) -> alt.ExprRef:
    """Return the width of a period, or a share of it."""
    return alt.ExprRef(f"max(1, {share} * width * {period} / (end - max(since, first)))")


def lone_point() -> alt.OverlayMarkDef:
    """Return a point that shows only where there is no line to see."""
    return alt.OverlayMarkDef(size=40, opacity=alt.ExprRef("lone ? 1 : 0"))


def numbers(fields: list[str], number_format: str = ",") -> list[alt.Tooltip]:
    """Return numbers as lines of a tooltip."""
    return [alt.Tooltip(f"{field}:Q", format=number_format) for field in fields]


def bands(
    base: alt.Chart,
    period: int,
    fields: list[str],
    *,
    number_format: str = ",",
    texts: list[alt.Tooltip] | None = None,
) -> alt.Chart:
    """Return unseen bands, one a row, that show all figures of their day or week.

    ``page.css`` shows the band under the pointer. Vega-Lite's own search for the nearest point is
    not used: its tooltips lose their texts (6.4).
    """
    return (
        base.mark_rule(color=TEXT, strokeWidth=period_width(period, 1), opacity=0, clip=True)
        .encode(x=time_axis(), tooltip=[WHEN, *(texts or []), *numbers(fields, number_format)])
        .properties(name="bands")
    )


def finished(chart: Layer, height: int) -> Spec:
    """Return a chart as a specification in the page's looks."""
    dressed = (
        chart.properties(
            width="container", height=height, autosize=alt.AutoSizeParams(type="fit-x")
        )
        .configure(font=FONT, background="transparent")
        .configure_view(stroke=None)
        .configure_axis(
            labelColor=TEXT,
            titleColor=TEXT,
            labelFontSize=12,
            titleFontSize=12,
            titleFontWeight="normal",
            gridColor=LINE,
            domainColor=LINE,
            tickColor=LINE,
            labelPadding=6,
        )
        # A screen reader gets the description and the table, not thousands of single marks.
        .configure_mark(aria=False)
    )
    spec: Spec = dressed.to_dict()
    return spec
