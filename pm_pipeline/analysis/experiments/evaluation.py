"""One experiment at as-of: from the counted days to results, health, decisions and timeline.

Belongs here: which days, units and slices each part is given. Does not belong here: statistics,
rules, reading or writing a database.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property

from pm_pipeline.analysis.experiments.boundaries import Looks
from pm_pipeline.analysis.experiments.experiment import Decision, Facts, decide_experiment
from pm_pipeline.analysis.experiments.health import Health
from pm_pipeline.analysis.experiments.interactions import Overlap, interactions
from pm_pipeline.analysis.experiments.judging import judge_health
from pm_pipeline.analysis.experiments.looks import Reached, reached_looks
from pm_pipeline.analysis.experiments.moments import Moments, merged
from pm_pipeline.analysis.experiments.plans import Plan
from pm_pipeline.analysis.experiments.reading import Clock, DayCell, Planned
from pm_pipeline.analysis.experiments.readout import Readout, read_out
from pm_pipeline.analysis.experiments.results import (
    DEFAULT_SET,
    Slice,
    SliceKey,
)
from pm_pipeline.analysis.experiments.rollout import Reach, with_rollout
from pm_pipeline.analysis.experiments.settings import DEFAULTS, Settings
from pm_pipeline.analysis.experiments.timeline import DayState, TimelineRow, timeline

NO_REACH: Reach = {}


@dataclass(frozen=True)
class Counted:
    """What was counted of an experiment, seen from one instant."""

    planned: Planned
    cells: Sequence[DayCell]
    clock: Clock

    @property
    def plan(self) -> Plan:
        """How it is judged."""
        return self.planned.plan

    @cached_property
    def exposure_dates(self) -> list[date]:
        """The days on which units were first exposed."""
        return sorted({cell.exposure_date for cell in self.cells})

    @cached_property
    def closing(self) -> dict[date, date]:
        """By day of first exposure, the day by whose end all of its units are closed."""
        return {day: self.planned.closes_on(day, self.clock) for day in self.exposure_dates}

    @cached_property
    def by_key(self) -> dict[SliceKey, list[DayCell]]:
        """The cells of each slice."""
        found: dict[SliceKey, list[DayCell]] = defaultdict(list)
        for cell in self.cells:
            found[cell.key].append(cell)
        return dict(found)

    def units_of(self, analysis_set: str) -> list[DayCell]:
        """Return the cells that hold every unit of an analysis set once."""
        return self.by_key.get(SliceKey(self.plan.metrics[0].name, analysis_set), [])

    def slices(self, until: date | None = None) -> dict[SliceKey, Slice]:
        """Return all slices of closed units; ``until``: of those closed by the end of that day."""

        def is_in(cell: DayCell) -> bool:
            return until is None or self.closing[cell.exposure_date] <= until

        return {key: self._slice(cells, is_in) for key, cells in self.by_key.items()}

    def _slice(self, cells: Iterable[DayCell], is_in: Callable[[DayCell], bool]) -> Slice:
        phases = len(self.planned.allocations)
        arms: dict[str, list[list[Moments]]] = {
            variant: [[] for _ in range(phases)] for variant in self.plan.shares
        }
        still_open = dict.fromkeys(self.plan.shares, 0)
        for cell in cells:
            if is_in(cell):
                phase = self.planned.phase_of(cell.exposure_date)
                arms[cell.variant][phase].append(cell.moments)
                still_open[cell.variant] += cell.open_units
            else:
                still_open[cell.variant] += cell.exposed_units
        return Slice(
            {variant: [merged(parts) for parts in side] for variant, side in arms.items()},
            still_open,
        )


@dataclass(frozen=True)
class Evaluation:
    """All that is concluded of one experiment."""

    planned: Planned
    readout: Readout
    health: list[Health]
    decisions: list[Decision]
    timeline: list[TimelineRow]


def evaluate(
    planned: Planned,
    cells: Sequence[DayCell],
    clock: Clock,
    settings: Settings = DEFAULTS,
    *,
    overlaps: Sequence[Overlap] = (),
    reach: Reach = NO_REACH,
) -> Evaluation:
    """Judge an experiment at as-of, with nothing but what was counted up to then."""
    counted = Counted(planned, cells, clock)
    reached = _reached(counted)
    looks = reached.looks if reached else None
    slices = counted.slices(reached.cut_at if reached else None)
    readout = read_out(planned.plan, slices, looks, settings)
    readout = replace(readout, results=with_rollout(readout.results, reach))
    health = judge_health(planned, clock, counted.by_key, readout, settings)
    closed = sum(cell.moments.count for cell in counted.units_of(DEFAULT_SET))
    health += interactions(planned.plan, overlaps, closed, settings)
    facts = _facts(counted, slices, looks)
    decisions = decide_experiment(planned.plan, readout, health, slices, facts, settings)
    days = timeline(planned.plan, _day_states(counted), settings)
    return Evaluation(planned, readout, health, decisions, days)


def _reached(counted: Counted, until: date | None = None) -> Reached | None:
    """Return the looks that had come by the end of a day; by as-of without one."""
    planned, clock = counted.planned, counted.clock
    if planned.plan.inference != "group_sequential" or planned.plan.planned_users is None:
        return None
    # A look comes at the end of a day: one that is not over tells of some of its units only.
    ended = planned.has_ended(clock)
    last = clock.last_day if ended else clock.last_whole_day
    last = last if until is None else min(last, until)
    closed: dict[date, int] = defaultdict(int)
    for cell in counted.units_of(DEFAULT_SET):
        closed[counted.closing[cell.exposure_date]] += cell.exposed_units
    so_far, by_day = 0, {}
    for day in sorted(closed):
        if day <= last:
            so_far += closed[day]
            by_day[day] = so_far
    has_ended = ended and (until is None or until >= max(closed, default=last))
    return reached_looks(planned.looks, planned.plan.planned_users, by_day, has_ended=has_ended)


def _facts(counted: Counted, slices: Mapping[SliceKey, Slice], looks: Looks | None) -> Facts:
    planned, clock, plan = counted.planned, counted.clock, counted.plan
    exposed = dict.fromkeys(plan.shares, 0)
    for cell in counted.units_of(planned.everybody):
        exposed[cell.variant] += cell.exposed_units
    closed = dict.fromkeys(plan.shares, 0)
    total = slices.get(SliceKey(plan.metrics[0].name))
    if total is not None:
        closed |= {arm: sum(part.count for part in parts) for arm, parts in total.arms.items()}
    end = clock.as_of
    if planned.end is not None:
        end = min(end, clock.start_of(planned.end))
    days = (end - clock.start_of(planned.start)) / timedelta(days=1)
    # Of a triggered experiment only activated units are waited for.
    awaited = DEFAULT_SET if planned.has_activation else planned.everybody
    units = sum(cell.exposed_units for cell in counted.units_of(awaited))
    return Facts(
        exposed_units=exposed,
        closed_units=closed,
        has_ended=planned.has_ended(clock),
        units_per_day=units / days if units and days > 0 else None,
        looks=looks,
    )


def _day_states(counted: Counted) -> dict[date, DayState]:
    """Return what was known at the end of each product day on which a window had closed.

    A day counts the units whose windows have closed for all who were first exposed on their day;
    the last day counts all that as-of does, so that it shows the results.
    """
    clock = counted.clock
    if not counted.exposure_dates:
        return {}
    first, last = (counted.closing[counted.exposure_dates[place]] for place in (0, -1))
    end = min(last, clock.last_day)
    totals = [
        (key.metric_name, cells)
        for key, cells in counted.by_key.items()
        if key == SliceKey(key.metric_name)
    ]
    states: dict[date, DayState] = {}
    day = first
    running = _Running(counted, totals)
    while day <= end:
        reached = _reached(counted, day)
        if counted.plan.inference != "group_sequential":
            at_once = day == clock.last_day
            states[day] = DayState(running.at(None if at_once else day))
        elif reached is None:
            states[day] = DayState(running.at(day))
        else:
            states[day] = DayState(running.at(reached.cut_at), reached.looks)
        day += timedelta(days=1)
    return states


class _Running:
    """Totals by the end of a day, each made from the day before."""

    def __init__(self, counted: Counted, totals: Sequence[tuple[str, list[DayCell]]]) -> None:
        self._planned = counted.planned
        self._closing: dict[str, dict[date, list[DayCell]]] = {}
        for metric, cells in totals:
            by_day = self._closing[metric] = defaultdict(list)
            for cell in cells:
                by_day[counted.closing[cell.exposure_date]].append(cell)
        self._known: dict[date | None, dict[SliceKey, Slice]] = {}

    def at(self, day: date | None) -> dict[SliceKey, Slice]:
        if day not in self._known:
            self._known[day] = self._made(day)
        return self._known[day]

    def _made(self, day: date | None) -> dict[SliceKey, Slice]:
        before = self._known.get(day - timedelta(days=1)) if day else None
        planned = self._planned
        made = {}
        for metric, by_day in self._closing.items():
            key = SliceKey(metric)
            parts: dict[str, list[list[Moments]]] = {
                arm: [[] for _ in planned.allocations] for arm in planned.plan.shares
            }
            closed = [closes for closes in by_day if day is None or closes <= day]
            if before is not None:
                parts = {arm: [[one] for one in side] for arm, side in before[key].arms.items()}
                closed = [day] if day in by_day else []
            for closes in closed:
                for cell in by_day[closes]:
                    parts[cell.variant][planned.phase_of(cell.exposure_date)].append(cell.moments)
            made[key] = Slice(
                {arm: [merged(phase) for phase in side] for arm, side in parts.items()}, {}
            )
        return made


def is_contradicted(human: str | None, advice: str) -> bool | None:
    """Whether people did something else than advised; None while they have not decided."""
    return None if human is None else human != advice


def known_action(planned: Planned, clock: Clock) -> tuple[str | None, str | None]:
    """Return what people decided and why, as far as it was decided at as-of."""
    decision = planned.decision
    if decision is None or clock.start_of(decision.on) >= clock.as_of:
        return None, None
    return decision.action, decision.why
