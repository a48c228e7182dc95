"""The page's sections about how many people there are: active, and growing or not.

Belongs here: question, answer, chart and table of each. Does not belong here: what people do
(``usage.py``), trust in the data (``trust.py``), looks, or a figure that no published table holds.
"""

from __future__ import annotations

from pm_pipeline.publish.report_page import charts, words
from pm_pipeline.publish.report_page.figures import Figures, Row
from pm_pipeline.publish.report_page.parts import (
    Column,
    Picture,
    Section,
    Table,
    definitions,
    numbers,
)

TABLE_DAYS, TABLE_WEEKS, TABLE_MONTHS = 14, 13, 13
SHOWN_MONTHS = 36
ACCOUNTING = "growth.accounting"
GROWTH_COLUMNS = [
    "active_users",
    "new_users",
    "retained_users",
    "resurrected_users",
    "churned_users",
    "quick_ratio",
    "is_complete",
]


def active_section(figures: Figures) -> Section:
    """Return how many people are active and how often they come."""
    days = figures.complete_days
    if not days:
        return Section(
            "active", "Active people", notes=["No day is complete yet: figures appear tomorrow."]
        )
    last = days[-1]
    when = words.weekday(last["activity_date"])
    answer = (
        f"{words.count(last['daily_active_users'])} people were active on {when}, "
        f"{words.count(last['weekly_active_users'])} in the 7 days and "
        f"{words.count(last['monthly_active_users'])} in the 28 days that ended then."
    )
    notes = []
    if len(days) < len(figures.days):
        running = words.weekday(figures.days[-1]["activity_date"])
        notes.append(f"{running} is not over and is left out.")
    table = Table(
        caption=f"The last {len(days[-TABLE_DAYS:])} complete days",
        columns=[Column("Day"), *numbers("Active", "7 days", "28 days", "Stickiness", "Events")],
        rows=[
            [
                words.weekday(day["activity_date"]),
                words.count(day["daily_active_users"]),
                words.count(day["weekly_active_users"]),
                words.count(day["monthly_active_users"]),
                words.rate(day["stickiness_rate"]),
                words.count(day["events_count"]),
            ]
            for day in reversed(days[-TABLE_DAYS:])
        ],
    )
    columns = ["daily_active_users", "weekly_active_users", "monthly_active_users"]
    pictures = [
        Picture(
            key="active-users",
            title="How many people are active?",
            answer=answer,
            chart=charts.active_users(days, f"Lines of active people over time. {answer}"),
            table=table,
            notes=notes,
            definitions=definitions(figures, "engagement.active_users", columns),
        )
    ]
    measured = [day for day in days if day["stickiness_rate"] is not None]
    if measured:
        value = words.rate(measured[-1]["stickiness_rate"])
        answer = (
            f"Of the people active in the 28 days to {words.weekday(measured[-1]['activity_date'])}"
            f", {value} were active on an average day."
        )
        pictures.append(
            Picture(
                key="stickiness",
                title="Do people make it a habit?",
                answer=answer,
                chart=charts.stickiness(measured, f"Line of stickiness over time. {answer}"),
                definitions=definitions(figures, "engagement.active_users", ["stickiness_rate"]),
            )
        )
    return Section("active", "Active people", pictures=pictures)


def growth_section(figures: Figures) -> Section:
    """Return who came, who came back and who left, by week and by month."""
    return Section(
        "growth",
        "Growth",
        pictures=[
            _growth_picture(
                figures,
                figures.weeks,
                "week",
                "Do more people come than leave, week by week?",
                TABLE_WEEKS,
            ),
            _growth_picture(
                figures,
                figures.months[-SHOWN_MONTHS:],
                "month",
                "And over the months?",
                TABLE_MONTHS,
            ),
        ],
    )


def _growth_picture(
    figures: Figures, periods: list[Row], interval: str, title: str, shown: int
) -> Picture:
    complete = [period for period in periods if period["is_complete"]]
    if complete:
        last = complete[-1]
        came = last["new_users"] + last["resurrected_users"]
        answer = (
            f"In {_period_name(last, interval, in_sentence=True)}, {words.count(came)} people came "
            f"({words.count(last['new_users'])} new, {words.count(last['resurrected_users'])} "
            f"resurrected) and {words.count(last['churned_users'])} left; "
            f"{words.count(last['retained_users'])} stayed."
        )
    else:
        answer = f"No {interval} is complete yet."
    notes = []
    if not periods[-1]["is_complete"]:
        notes.append(
            f"Paler: {_period_name(periods[-1], interval, in_sentence=True)} is not over. Nobody "
            "counts as churned before it ends."
        )
    if interval == "month":
        notes.append(f"Always the last {len(periods)} months, whatever range is chosen above.")
    table = Table(
        caption=f"The last {len(periods[-shown:])} {interval}s",
        columns=[
            Column(interval.capitalize()),
            *numbers("Active", "New", "Retained", "Resurrected", "Churned", "Quick ratio"),
        ],
        rows=[_growth_cells(period, interval) for period in reversed(periods[-shown:])],
        states=["" if row["is_complete"] else "running" for row in reversed(periods[-shown:])],
    )
    return Picture(
        key=f"growth-{interval}",
        title=title,
        answer=answer,
        chart=charts.growth(
            periods, interval, f"Bars of people by {interval}: who came, who left. {answer}"
        ),
        table=table,
        notes=notes,
        definitions=definitions(figures, ACCOUNTING, GROWTH_COLUMNS),
    )


def _growth_cells(period: Row, interval: str) -> list[str]:
    over = period["is_complete"]
    name = _period_name(period, interval, in_sentence=False)
    return [
        name if over else f"{name} (not over)",
        words.count(period["active_users"]),
        words.count(period["new_users"]),
        words.count(period["retained_users"]),
        words.count(period["resurrected_users"]),
        words.count(period["churned_users"] if over else None),
        words.decimal(period["quick_ratio"] if over else None, 2),
    ]


def _period_name(period: Row, interval: str, *, in_sentence: bool) -> str:
    start = period["period_start"]
    if interval == "month":
        return words.month(start)
    return f"the week of {words.week(start)}" if in_sentence else words.week(start)
