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
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
TEXT, LINE, SURFACE, INK = "var(--ink-soft)", "var(--line)", "var(--surface)", "var(--ink)"
SERIES = [f"var(--series-{number})" for number in range(1, 7)]
WHEN = alt.Tooltip("label:N", title="When")
STATE = alt.Tooltip("over:N", title="The period is")

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
        "active": _finished(_active(), TALL),
        "stickiness": _finished(_stickiness(), MEDIUM),
        "growth-week": _finished(_growth(WEEK), TALL),
        "growth-month": _finished(_growth(MONTH), TALL),
        "feature": _finished(_feature(), SMALL),
        "events": _finished(_events(compared=False), MEDIUM),
        "events-compared": _finished(_events(compared=True), MEDIUM),
        "segment": _finished(_segment(), MEDIUM),
        "arrivals": _finished(_arrivals(), LOW),
    }


def _active() -> Layer:
    """Daily, 7-day and 28-day active people as three lines."""
    base = _rows()
    lines = (
        base.transform_fold(list(ACTIVE_COLOURS), as_=["span", "people"])
        .mark_line(point=_lone_point())
        .encode(
            x=_time(),
            y=_counts("people", title="People"),
            color=_colour("span", ACTIVE_COLOURS),
            strokeWidth=alt.condition("datum.span == 'One day'", alt.value(1.2), alt.value(2.2)),
        )
    )
    return alt.layer(lines, _bands(base, DAY, ["One day", "7 days", "28 days"]))


def _stickiness() -> Layer:
    """The share of the month's people who are active on a day."""
    base = _rows()
    line = base.mark_line(strokeWidth=2.2, color=SERIES[0], point=_lone_point()).encode(
        x=_time(),
        y=alt.Y(
            "Stickiness:Q",
            axis=alt.Axis(title=None, format=".0%", tickCount=4, domain=False, ticks=False),
            scale=alt.Scale(zero=True),
        ),
    )
    return alt.layer(line, _bands(base, DAY, ["Stickiness"], number_format=".1%"))


def _growth(period: int) -> Layer:
    """Who came stacked above zero, who left below; a period that is not over is paler."""
    kinds = list(GROWTH_COLOURS)
    bars = (
        _rows(since="from")
        .transform_fold(kinds, as_=["kind", "people"])
        .transform_filter("isValid(datum.people)")
        .transform_calculate(
            signed="datum.kind == 'Churned' ? -datum.people : datum.people",
            place=f"indexof({kinds}, datum.kind)",
        )
        .mark_bar(width=_period_width(period, 0.78), clip=True)
        .encode(
            x=_time(),
            y=_counts("signed", title="People", stack="zero"),
            color=_colour("kind", GROWTH_COLOURS),
            order=alt.Order("place:Q"),
            opacity=alt.condition("datum.over == 'over'", alt.value(1), alt.value(0.42)),
            tooltip=[
                WHEN,
                STATE,
                *_numbers(["Active", "New", "Retained", "Resurrected", "Churned"]),
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
    base = _rows()
    place = {"x": _time(), "y": _counts("People", ticks=3)}
    over = base.transform_filter("datum.over == 'over'")
    area = over.mark_area(color=SERIES[0], opacity=0.14).encode(**place)
    line = over.mark_line(color=SERIES[0], strokeWidth=2, point=_lone_point()).encode(**place)
    hollow = (
        base.transform_filter("datum.over != 'over'")
        .mark_point(color=SERIES[0], fill=SURFACE, size=36, opacity=1)
        .encode(**place)
    )
    return alt.layer(area, line, hollow, _bands(base, WEEK, ["People"], texts=[STATE]))


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
    tooltip = [alt.Tooltip("event:N", title="Event"), *_numbers(["Times"])]
    if compared:
        tooltip += _numbers(["The week before"])
    bars = base.mark_bar(color=SERIES[0], cornerRadiusEnd=2, height={"band": 0.62}).encode(
        x=alt.X("Times:Q", axis=_count_axis(ticks=4)), y=vertical, tooltip=tooltip
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
    base = _rows()
    place = {
        "x": _time(),
        "y": _counts("People", ticks=4),
        # By place, not by value: a value may be any text, a scale is made once.
        "color": _colour("place", {str(place): colour for place, colour in enumerate(SERIES)}),
    }
    lines = base.mark_line(strokeWidth=2, point=_lone_point()).encode(**place)
    weeks = base.transform_filter("datum.place == '0'")
    everybody = alt.Tooltip("everybody:N", title="People")
    return alt.layer(lines, _bands(weeks, WEEK, [], texts=[everybody]))


def _arrivals() -> Layer:
    """Published events a day as bars: gaps in the data are gaps in the picture."""
    return (
        _rows(since="from")
        .mark_bar(color=SERIES[2], width=_period_width(DAY, 0.78), clip=True)
        .encode(
            x=_time(),
            y=_counts("Events", title="Events", ticks=4),
            tooltip=[WHEN, *_numbers(["Events"])],
        )
    )


def _rows(since: str = "at") -> alt.Chart:
    """Return a chart of the rows that the chosen range shows."""
    parameters = [alt.param(name=name, value=0) for name in ("since", "first", "end", "lone")]
    return (
        alt.Chart(alt.NamedData("figures"))
        .transform_filter(f"toNumber(datum.{since}) >= since")
        .add_params(*parameters)
    )


def _time() -> alt.X:
    return alt.X(
        "at:T",
        axis=alt.Axis(
            grid=False,
            title=None,
            labelOverlap=True,
            labelFlush=True,
            tickCount=alt.ExprRef("max(2, floor(width / 90))"),
        ),
        scale=alt.Scale(
            type="utc",
            domain=[alt.ExprRef("max(since, first)"), alt.ExprRef("end")],
            nice=False,
        ),
    )


def _counts(field: str, *, title: str | None = None, ticks: int = 5, stack: Any = None) -> alt.Y:
    return alt.Y(
        f"{field}:Q",
        axis=_count_axis(title=title, ticks=ticks),
        scale=alt.Scale(zero=True),
        stack=stack,
    )


def _count_axis(*, title: str | None = None, ticks: int) -> alt.Axis:
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


def _colour(field: str, colours: dict[str, str]) -> alt.Color:
    """Return the colours of a field; the legend is HTML, which wraps on a phone."""
    scale = alt.Scale(domain=list(colours), range=list(colours.values()))
    return alt.Color(f"{field}:N", scale=scale, legend=None)


def _period_width(period: int, share: float) -> alt.ExprRef:
    return alt.ExprRef(f"max(1, {share} * width * {period} / (end - max(since, first)))")


def _lone_point() -> alt.OverlayMarkDef:
    return alt.OverlayMarkDef(size=40, opacity=alt.ExprRef("lone ? 1 : 0"))


def _numbers(fields: list[str], number_format: str = ",") -> list[alt.Tooltip]:
    return [alt.Tooltip(f"{field}:Q", format=number_format) for field in fields]


def _bands(
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
        base.mark_rule(color=TEXT, strokeWidth=_period_width(period, 1), opacity=0, clip=True)
        .encode(x=_time(), tooltip=[WHEN, *(texts or []), *_numbers(fields, number_format)])
        .properties(name="bands")
    )


def _finished(chart: Layer, height: int) -> Spec:
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
