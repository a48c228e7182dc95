"""Every check of an experiment's health, from what was counted by day.

Belongs here: which units each check looks at. Does not belong here: thresholds and wording
(``health``), the statistics behind them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from pm_pipeline.analysis.experiments.comparisons import Comparison, compare
from pm_pipeline.analysis.experiments.health import (
    Health,
    excluded_units,
    imbalance,
    implausible_lifts,
    novelty,
    ratios_of_slices,
    readiness,
    sample_ratio,
    slices_differ,
)
from pm_pipeline.analysis.experiments.moments import Moments, merged
from pm_pipeline.analysis.experiments.plans import Metric, Plan, Reading
from pm_pipeline.analysis.experiments.reading import Clock, DayCell, Planned
from pm_pipeline.analysis.experiments.readout import Readout
from pm_pipeline.analysis.experiments.results import DEFAULT_SET, SliceKey
from pm_pipeline.analysis.experiments.sample_ratio import PhaseCounts
from pm_pipeline.analysis.experiments.settings import Settings

Cells = Mapping[SliceKey, Sequence[DayCell]]
DAYS = "exposure_date"
"""Name of the break-down by day of first exposure."""


def judge_health(
    planned: Planned, clock: Clock, cells: Cells, readout: Readout, settings: Settings
) -> list[Health]:
    """Return the rows of all checks."""
    plan = planned.plan
    first = plan.metrics[0].name
    everybody = cells.get(SliceKey(first, planned.everybody), ())
    not_switched = cells.get(SliceKey(first, planned.not_switched), ())
    counted = cells.get(SliceKey(first), ())
    variants = list(plan.shares)
    is_over = planned.enrolment_is_over(clock)
    exposed, kept = _by_phase(planned, everybody), _by_phase(planned, not_switched)
    together, left = _in_one(planned, everybody), _in_one(planned, not_switched)
    ratios = [
        sample_ratio(
            "sample_ratio", exposed, variants, enrolment_is_over=is_over, settings=settings
        ),
        sample_ratio(
            "sample_ratio_after_exclusion", kept, variants, enrolment_is_over=is_over,
            settings=settings,
        ),
        excluded_units(_less(together, left), sum(together.counts), settings),
    ]  # fmt: skip
    if planned.has_activation:
        ratios.append(_ratio_of_activated(planned, clock, counted, settings))
    return [
        *ratios,
        *_readiness(planned, clock, counted, settings),
        *_slice_ratios(planned, cells, everybody, settings),
        *imbalance(_before_exposure(plan, cells, settings), settings),
        *implausible_lifts(plan, readout, settings),
        *novelty(_half_changes(plan, cells, settings), settings),
        *slices_differ(readout, settings),
    ]


def _ratio_of_activated(
    planned: Planned, clock: Clock, cells: Sequence[DayCell], settings: Settings
) -> Health:
    """Repeat the check on the units that are analysed.

    Closed ones only: while windows are open, a variant that activates sooner would look as if it
    activated more.
    """
    closed = [replace(cell, open_units=0) for cell in cells]
    return sample_ratio(
        "sample_ratio_of_activated",
        _by_phase(planned, closed),
        list(planned.plan.shares),
        enrolment_is_over=planned.has_ended(clock),
        settings=settings,
    )


def _by_phase(planned: Planned, cells: Sequence[DayCell]) -> list[PhaseCounts]:
    """Return the new units of each day and variant, a day with units being in one phase only."""
    days: dict[date, dict[str, int]] = defaultdict(lambda: dict.fromkeys(planned.plan.shares, 0))
    for cell in cells:
        days[cell.exposure_date][cell.variant] += cell.exposed_units
    nobody = (0,) * len(planned.plan.shares)
    return [
        PhaseCounts(
            tuple(shares.values()),
            tuple(
                tuple(days[day].values()) if planned.phase_of(day) == number else nobody
                for day in sorted(days)
            ),
        )
        for number, shares in enumerate(planned.allocations)
    ]


def _in_one(planned: Planned, cells: Sequence[DayCell]) -> PhaseCounts:
    """Return the units of all phases in one, the shares being those planned for so many."""
    phases = _by_phase(planned, cells)
    units = [sum(phase.counts) for phase in phases]
    if len(phases) == 1 or not sum(units):
        return phases[0]
    shares = tuple(
        sum(count * phase.shares[arm] for count, phase in zip(units, phases, strict=True))
        for arm in range(len(planned.plan.shares))
    )
    by_day = zip(*(phase.daily for phase in phases), strict=True)
    return PhaseCounts(shares, tuple(tuple(map(sum, zip(*day, strict=True))) for day in by_day))


def _less(exposed: PhaseCounts, kept: PhaseCounts) -> PhaseCounts:
    """Return the units of the first counts that are not among the second, in one sum."""
    if not exposed.daily:
        return exposed
    left = kept.counts if kept.daily else (0,) * len(exposed.shares)
    return PhaseCounts(
        exposed.shares,
        (tuple(all_ - some for all_, some in zip(exposed.counts, left, strict=True)),),
    )


def _readiness(
    planned: Planned, clock: Clock, cells: Sequence[DayCell], settings: Settings
) -> list[Health]:
    closed = dict.fromkeys(planned.plan.shares, 0)
    for cell in cells:
        closed[cell.variant] += cell.moments.count
    runtime = (clock.as_of - clock.start_of(planned.start)) / timedelta(days=1)
    return readiness(
        runtime_days=max(runtime, 0.0),
        minimum_days=planned.minimum_days,
        closed_units=closed,
        minimum_users=planned.minimum_users,
        open_units=sum(cell.open_units for cell in cells),
        settings=settings,
    )


def _slice_ratios(
    planned: Planned, cells: Cells, everybody: Sequence[DayCell], settings: Settings
) -> list[Health]:
    """Compare the units of each day, and of each value of a dimension, with the plan."""
    groups: dict[str, dict[str, list[DayCell]]] = defaultdict(lambda: defaultdict(list))
    for cell in everybody:
        groups[DAYS][cell.exposure_date.isoformat()].append(cell)
    for key, of_slice in cells.items():
        if key.is_total or key.analysis_set != DEFAULT_SET:
            continue
        if key.metric_name == planned.plan.metrics[0].name:
            groups[key.segment_name][key.segment_value].extend(of_slice)
    return [
        row
        for name, values in groups.items()
        for row in ratios_of_slices(
            name, {value: _in_one(planned, part) for value, part in values.items()}, settings
        )
    ]


def _before_exposure(
    plan: Plan, cells: Cells, settings: Settings
) -> dict[tuple[str, str], float | None]:
    found: dict[tuple[str, str], float | None] = {}
    for metric in plan.metrics:
        if metric.has_covariate:
            arms = {
                arm: merged(cell.moments for cell in parts).before_exposure()
                for arm, parts in _by_arm(plan, cells.get(SliceKey(metric.name), ())).items()
            }
            found |= _plain_p_values(plan, metric, arms, settings)
    return found


def _half_changes(
    plan: Plan, cells: Cells, settings: Settings
) -> dict[tuple[str, str], float | None]:
    found: dict[tuple[str, str], float | None] = {}
    for metric in plan.metrics:
        if metric.role != "primary":
            continue
        arms = {
            arm: merged(cell.half_change for cell in parts if cell.half_change is not None)
            for arm, parts in _by_arm(plan, cells.get(SliceKey(metric.name), ())).items()
        }
        change = Metric(metric.name, "mean", metric.role, metric.direction, has_covariate=False)
        found |= _plain_p_values(plan, change, arms, settings)
    return found


def _by_arm(plan: Plan, cells: Sequence[DayCell]) -> dict[str, list[DayCell]]:
    arms: dict[str, list[DayCell]] = {arm: [] for arm in plan.shares}
    for cell in cells:
        arms[cell.variant].append(cell)
    return arms


def _plain_p_values(
    plan: Plan, metric: Metric, arms: Mapping[str, Moments], settings: Settings
) -> dict[tuple[str, str], float | None]:
    """Return the p of one look of each arm against the control, without any adjustment."""
    found: dict[tuple[str, str], float | None] = {}
    everybody = merged(arms.values())
    for variant in plan.treatments:
        compared = compare(
            [arms[plan.control]],
            [arms[variant]],
            [everybody],
            metric.kind,
            Reading(plan.alpha),
            use_covariate=False,
            settings=settings,
        )
        found[metric.name, variant] = (
            compared.p_value() if isinstance(compared, Comparison) else None
        )
    return found
