"""Experiments as planned and as counted, read from the definitions and the sufficient statistics.

Belongs here: queries over aggregates, and their rows as typed values. Does not belong here: what
is concluded of them. Nothing here or after it sees a unit.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

from pm_pipeline.analysis.experiments.interactions import Overlap
from pm_pipeline.analysis.experiments.moments import NO_VECTOR, Matrix, Moments
from pm_pipeline.analysis.experiments.plans import Effect, Metric, Plan
from pm_pipeline.analysis.experiments.results import (
    DEFAULT_SET,
    EXPOSED_FIRST_VARIANT_SET,
    EXPOSED_SET,
    FIRST_VARIANT_SET,
    SliceKey,
)
from pm_pipeline.analysis.experiments.rollout import Reach, Reached

QUERIES = Path(__file__).with_name("sql")
PERIOD = timedelta(hours=24)
NOTHING = Moments()


@dataclass(frozen=True)
class Clock:
    """The instant that everything is seen from, and the zone of the product's days."""

    as_of: datetime
    zone: ZoneInfo

    def start_of(self, day: date) -> datetime:
        """Return the instant at which a product day begins."""
        return datetime.combine(day, time(), self.zone).astimezone(UTC)

    def day_of(self, instant: datetime) -> date:
        """Return the product day of an instant."""
        return instant.astimezone(self.zone).date()

    @property
    def last_day(self) -> date:
        """The product day of the last instant that counts."""
        return self.day_of(self.as_of - timedelta(microseconds=1))

    @property
    def last_whole_day(self) -> date:
        """The last product day that is over."""
        return self.day_of(self.as_of) - timedelta(days=1)


@dataclass(frozen=True)
class HumanDecision:
    """What people decided."""

    action: str
    on: date
    by: str
    why: str | None


@dataclass(frozen=True)
class Phase:
    """A stretch of an experiment with an allocation of its own."""

    begins: date
    shares: dict[str, float]


@dataclass(frozen=True)
class Planned:
    """An experiment of ``product.yml``: how it is judged, when it runs, what people decided."""

    plan: Plan
    start: date
    end: date | None
    window_days: int
    minimum_days: float
    minimum_users: int
    looks: tuple[float, ...] = ()
    decision: HumanDecision | None = None
    has_activation: bool = False
    """Whether only units that did something named are analysed."""
    phases: tuple[Phase, ...] = ()
    """Changes of the allocation, the first from the start; none when it never changed."""

    @property
    def allocations(self) -> tuple[dict[str, float], ...]:
        """The planned shares of each phase; a variant that a phase does not have has none."""
        planned = [phase.shares for phase in self.phases] or [self.plan.shares]
        return tuple({arm: shares.get(arm, 0.0) for arm in self.plan.shares} for shares in planned)

    @property
    def everybody(self) -> str:
        """The analysis set of all units that were exposed."""
        return EXPOSED_FIRST_VARIANT_SET if self.has_activation else FIRST_VARIANT_SET

    @property
    def not_switched(self) -> str:
        """The analysis set of all exposed units that saw one variant only."""
        return EXPOSED_SET if self.has_activation else DEFAULT_SET

    def days_apart(self, clock: Clock) -> list[date]:
        """Return the first days of the stretches in which days need not be told apart.

        A look cuts where it comes; without looks, phases alone differ.
        """
        if self.plan.inference == "group_sequential":
            days = (clock.last_day - self.start).days
            return [self.start + timedelta(days=number) for number in range(days + 1)]
        return [self.start, *(phase.begins for phase in self.phases)]

    def phase_of(self, exposure_date: date) -> int:
        """Return the phase that units first exposed on a day belong to."""
        begun = [phase.begins <= exposure_date for phase in self.phases]
        return max(sum(begun) - 1, 0)

    def closes_on(self, exposure_date: date, clock: Clock) -> date:
        """Return the product day by whose end every unit first exposed on a day is closed."""
        last_exposure = clock.start_of(exposure_date + timedelta(days=1))
        last_exposure -= timedelta(microseconds=1)
        return clock.day_of(last_exposure + self.window_days * PERIOD)

    def enrolment_is_over(self, clock: Clock) -> bool:
        """Whether nobody can be exposed any more."""
        return self.end is not None and clock.start_of(self.end) <= clock.as_of

    def has_ended(self, clock: Clock) -> bool:
        """Whether enrolment is over and the last window has closed."""
        if self.end is None:
            return False
        return clock.start_of(self.end) + self.window_days * PERIOD <= clock.as_of


@dataclass(frozen=True)
class DayCell:
    """The units of one arm and slice that were first exposed on one day.

    Those of a break-down may be of all days from this one to the next that matters.
    """

    key: SliceKey
    variant: str
    exposure_date: date
    open_units: int
    moments: Moments
    """Of the closed units."""
    half_change: Moments | None
    """Of the change between the halves of the window; None where there is none."""

    @property
    def exposed_units(self) -> int:
        """Closed and open ones."""
        return self.moments.count + self.open_units


def read_clock(connection: duckdb.DuckDBPyConnection) -> Clock:
    """Return the instant of this run."""
    ((as_of, timezone),) = _rows(connection, "run")
    return Clock(as_of.replace(tzinfo=UTC), ZoneInfo(timezone))


def read_plans(connection: duckdb.DuckDBPyConnection) -> list[Planned]:
    """Return the experiments of ``product.yml`` by name."""
    return [_planned(name, json.loads(text)) for name, text in _rows(connection, "plans")]


def read_statistics(
    connection: duckdb.DuckDBPyConnection, planned: Planned, clock: Clock
) -> list[DayCell]:
    """Return all that was counted of an experiment."""
    name = planned.plan.name
    days = _rows(connection, "statistics", [name])
    return list(_cells(days + _rows(connection, "slices", [name, planned.days_apart(clock)])))


def read_overlaps(connection: duckdb.DuckDBPyConnection, experiment: str) -> list[Overlap]:
    """Return the units that an experiment shares with others."""
    return [
        Overlap(other, metric, variant, other_variant, _moments(count, rest))
        for other, metric, variant, other_variant, count, *rest in _rows(
            connection, "overlaps", [experiment]
        )
    ]


def read_reach(connection: duckdb.DuckDBPyConnection, experiment: str) -> Reach:
    """Return what the people of an experiment have made of its metrics lately."""
    return {
        (metric, variant): Reached(*counted)
        for metric, variant, *counted in _rows(connection, "reach", [experiment])
    }


def _rows(
    connection: duckdb.DuckDBPyConnection, query: str, parameters: Sequence[Any] = ()
) -> list[tuple[Any, ...]]:
    text = (QUERIES / f"{query}.sql").read_text(encoding="utf-8")
    return connection.execute(text, list(parameters)).fetchall()


def _planned(name: str, written: dict[str, Any]) -> Planned:
    decision = written["decision"]
    return Planned(
        plan=Plan(
            name=name,
            shares={arm["name"]: arm["share"] for arm in written["arms"]},
            control=written["control"],
            metrics=tuple(
                Metric(
                    metric["name"],
                    metric["kind"],
                    metric["role"],
                    metric["direction"],
                    _effect(metric["margin"]),
                    metric["has_covariate"],
                )
                for metric in written["metrics"]
            ),
            alpha=written["alpha"],
            inference=written["inference"],
            planned_users=written["planned_users"],
            minimum_effect=_effect(written["minimum_effect"]),
            success=written["success"],
        ),
        start=date.fromisoformat(written["start"]),
        end=date.fromisoformat(written["end"]) if written["end"] else None,
        window_days=written["window_days"],
        minimum_days=written["minimum_days"],
        minimum_users=written["minimum_users"],
        looks=tuple(written["looks"]),
        has_activation=written["has_activation"],
        phases=tuple(
            Phase(
                date.fromisoformat(phase["from"]),
                {arm["name"]: arm["share"] for arm in phase["arms"]},
            )
            for phase in written["phases"]
        ),
        decision=decision
        and HumanDecision(
            decision["action"], date.fromisoformat(decision["on"]), decision["by"], decision["why"]
        ),
    )


def _effect(written: dict[str, Any] | None) -> Effect | None:
    return Effect(written["size"], written["is_relative"]) if written else None


def _cells(rows: Sequence[tuple[Any, ...]]) -> Iterator[DayCell]:
    """Yield the rows as cells; there are many, so that nothing is made twice."""
    keys: dict[tuple[str, ...], SliceKey] = {}
    for row in rows:
        (
            metric, variant, analysis_set, segment_name, segment_value, day, closed, still_open,
            a, b, c, d, aa, ab, ac, ad, bb, bc, bd, cc, cd, dd, half_mean, half_comoment,
        ) = row  # fmt: skip
        named = (metric, analysis_set, segment_name, segment_value)
        key = keys.get(named)
        if key is None:
            key = keys[named] = SliceKey(*named)
        moments = NOTHING
        if closed:
            comoments = ((aa, ab, ac, ad), (ab, bb, bc, bd), (ac, bc, cc, cd), (ad, bd, cd, dd))
            moments = Moments(closed, (a, b, c, d), comoments)
        half = None
        if half_mean is not None:
            spread = ((half_comoment, 0.0, 0.0, 0.0), NO_VECTOR, NO_VECTOR, NO_VECTOR)
            half = Moments(closed, (half_mean, 0.0, 0.0, 0.0), spread)
        yield DayCell(key, variant, day, still_open, moments, half)


def _moments(count: int, rest: Sequence[float]) -> Moments:
    first, second, third, fourth = rest[:4]
    return Moments(count, (first, second, third, fourth), symmetric(rest[4:]))


def symmetric(upper: Sequence[float]) -> Matrix:
    """Return the matrix of an upper triangle, given row by row."""
    aa, ab, ac, ad, bb, bc, bd, cc, cd, dd = upper
    return ((aa, ab, ac, ad), (ab, bb, bc, bd), (ac, bc, cc, cd), (ad, bd, cd, dd))
