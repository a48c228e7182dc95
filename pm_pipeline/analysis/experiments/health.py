"""Checks of an experiment's health: is it valid, is it ready, what looks odd.

Belongs here: one function a check, each giving rows. Does not belong here: the statistics behind
them, and what a failed check leads to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pm_pipeline.analysis.experiments.families import adjusted
from pm_pipeline.analysis.experiments.plans import Plan
from pm_pipeline.analysis.experiments.readout import Readout
from pm_pipeline.analysis.experiments.results import ALL
from pm_pipeline.analysis.experiments.sample_ratio import (
    PhaseCounts,
    fixed_ratio,
    sequential_ratio,
)
from pm_pipeline.analysis.experiments.settings import DEFAULTS, Settings

HealthStatus = Literal["pass", "warn", "fail", "not_applicable"]
Blocks = Literal["verdict", "readiness", "none"]
RatioCheck = Literal["sample_ratio", "sample_ratio_after_exclusion", "sample_ratio_of_activated"]


@dataclass(frozen=True)
class Health:
    """A row of ``experiments.health``; ``detail`` is a clause with the numbers."""

    check_name: str
    status: HealthStatus
    blocks: Blocks
    detail: str
    observed: float | None = None
    expected: float | None = None
    p_value: float | None = None
    segment_name: str = ALL
    segment_value: str = ALL


def is_valid(rows: Sequence[Health]) -> bool:
    """Whether nothing blocks the verdict."""
    return not any(row.status == "fail" and row.blocks == "verdict" for row in rows)


def is_ready(rows: Sequence[Health]) -> bool:
    """Whether nothing blocks readiness."""
    return not any(row.status == "fail" and row.blocks == "readiness" for row in rows)


def shown_p(p: float) -> str:
    """Write a p value for people."""
    return "p < 0.0001" if p < 0.0001 else f"p {p:.2g}"


def _worst_arm(phases: Sequence[PhaseCounts], variants: Sequence[str]) -> tuple[str, float, float]:
    """Return the variant furthest from its plan, with observed and planned share."""
    total = sum(sum(phase.counts) for phase in phases)
    found = []
    for arm, variant in enumerate(variants):
        seen = sum(phase.counts[arm] for phase in phases) / total
        planned = sum(sum(phase.counts) * phase.shares[arm] / sum(phase.shares) for phase in phases)
        found.append((abs(seen - planned / total), variant, seen, planned / total))
    _, variant, seen, share = max(found)
    return variant, seen, share


def sample_ratio(
    check_name: RatioCheck,
    phases: Sequence[PhaseCounts],
    variants: Sequence[str],
    *,
    enrolment_is_over: bool,
    settings: Settings = DEFAULTS,
) -> Health:
    """Check units against the planned shares, as often as one likes."""
    test = fixed_ratio(phases)
    total = sum(sum(phase.counts) for phase in phases)
    if test.p_value is None:
        return Health(check_name, "not_applicable", "verdict", f"{total:,} units are exposed")
    by_day = sequential_ratio(phases, settings.ratio_concentration)
    always_valid = by_day[-1] if by_day else 1.0
    failed = always_valid < settings.ratio_sequential_fails or (
        enrolment_is_over and test.p_value < settings.ratio_fixed_fails
    )
    status: HealthStatus = "pass"
    if failed:
        status = "fail"
    elif test.p_value < settings.ratio_warns:
        status = "warn"
    variant, seen, share = _worst_arm(phases, variants)
    # The p that led to the status: the one read once, when enrolment is over.
    p = test.p_value if enrolment_is_over else always_valid
    detail = (
        f"{seen:.2%} of {total:,} units saw {variant}, {share:.2%} were planned "
        f"({shown_p(test.p_value)}, always-valid {shown_p(always_valid)})"
    )
    return Health(check_name, status, "verdict", detail, seen, share, p)


def excluded_units(
    excluded: PhaseCounts, exposed_count: int, settings: Settings = DEFAULTS
) -> Health:
    """Check the units left out for having seen several variants, by their first variant."""
    name = "excluded_by_first_variant"
    count = sum(excluded.counts)
    share = count / exposed_count if exposed_count else 0.0
    test = fixed_ratio([excluded])
    p = test.p_value
    if test.smallest_expected < settings.ratio_expected_count:
        p = None
    status: HealthStatus = "pass"
    if share > settings.excluded_share_fails or (p is not None and p < settings.ratio_fixed_fails):
        status = "fail"
    elif share > settings.excluded_share_warns or (p is not None and p < settings.ratio_warns):
        status = "warn"
    detail = f"{count:,} of {exposed_count:,} units ({share:.2%}) saw several variants"
    if p is not None:
        detail += f"; by the first of them, {shown_p(p)}"
    return Health(name, status, "verdict", detail, share, settings.excluded_share_warns, p)


def ratios_of_slices(
    segment_name: str, slices: Mapping[str, PhaseCounts], settings: Settings = DEFAULTS
) -> list[Health]:
    """Warn of days, or values of a dimension, whose ratio is off (Holm over them)."""
    tests = {value: fixed_ratio([counts]) for value, counts in slices.items()}
    usable = {
        value: test.p_value
        for value, test in tests.items()
        if test.smallest_expected >= settings.ratio_expected_count
    }
    corrected = adjusted(list(usable.values()), "holm")
    rows = []
    for value, p in zip(usable, corrected, strict=True):
        if p is None:
            continue
        counts, shares = slices[value].counts, slices[value].shares
        seen, share = counts[0] / sum(counts), shares[0] / sum(shares)
        status: HealthStatus = "warn" if p < settings.ratio_warns else "pass"
        detail = f"{seen:.2%} of {sum(counts):,} units in the first variant, adjusted {shown_p(p)}"
        rows.append(
            Health(
                "sample_ratio_of_slice", status, "none", detail, seen, share, p,
                segment_name, value,
            )
        )  # fmt: skip
    return rows


def imbalance(
    p_values: Mapping[tuple[str, str], float | None], settings: Settings = DEFAULTS
) -> list[Health]:
    """Warn when arms differed before exposure; by metric and variant, Holm over all of them."""
    corrected = adjusted(list(p_values.values()), "holm")
    rows = []
    for (metric, variant), p in zip(p_values, corrected, strict=True):
        if p is None:
            continue
        status: HealthStatus = "warn" if p < settings.imbalance_warns else "pass"
        detail = f"{metric} of {variant} against control before exposure: adjusted {shown_p(p)}"
        name = f"pre_exposure_imbalance:{metric}:{variant}"
        rows.append(Health(name, status, "none", detail, p_value=p))
    return rows


def implausible_lifts(plan: Plan, readout: Readout, settings: Settings = DEFAULTS) -> list[Health]:
    """Warn of lifts of primaries that are too large to be true."""
    rows = []
    for metric in plan.metrics:
        for variant in plan.treatments:
            row = readout.total(metric.name, variant) if metric.role == "primary" else None
            if row is None or row.lift is None:
                continue
            is_odd = abs(row.lift) > settings.implausible_lift
            rows.append(
                Health(
                    f"implausible_lift:{metric.name}:{variant}",
                    "warn" if is_odd else "pass",
                    "none",
                    f"{metric.name} of {variant} moved by {row.lift:+.1%}",
                    row.lift,
                    settings.implausible_lift,
                )
            )
    return rows


def novelty(
    p_values: Mapping[tuple[str, str], float | None], settings: Settings = DEFAULTS
) -> list[Health]:
    """Warn when the effect changes between the halves of the window.

    The p are Welch's, of (second half - first half of the window) per closed unit, between arms.
    """
    rows = []
    for (metric, variant), p in p_values.items():
        if p is None:
            continue
        status: HealthStatus = "warn" if p <= settings.novelty_warns else "pass"
        detail = f"change of the effect of {variant} on {metric} within the window: {shown_p(p)}"
        rows.append(Health(f"novelty:{metric}:{variant}", status, "none", detail, p_value=p))
    return rows


def slices_differ(readout: Readout, settings: Settings = DEFAULTS) -> list[Health]:
    """Warn of dimensions whose values respond differently."""
    rows = []
    for found in readout.slice_tests:
        p = found.adjusted_p_value
        rows.append(
            Health(
                f"heterogeneity:{found.metric_name}:{found.variant}",
                "warn" if p <= settings.heterogeneity_shows else "pass",
                "none",
                f"Q {found.test.q:.2f} on {found.test.degrees} degrees, adjusted {shown_p(p)}",
                found.test.q,
                float(found.test.degrees),
                p,
                found.segment_name,
            )
        )
    return rows


def readiness(
    *,
    runtime_days: float,
    minimum_days: float,
    closed_units: Mapping[str, int],
    minimum_users: int,
    open_units: int,
    settings: Settings = DEFAULTS,
) -> list[Health]:
    """Check whether enough time has passed and enough units are closed."""
    closed = sum(closed_units.values())
    share = open_units / (closed + open_units) if closed + open_units else 1.0
    arm = min(closed_units, key=lambda name: (closed_units[name], name))

    def row(name: str, *, fine: bool, detail: str, observed: float, expected: float) -> Health:
        status: HealthStatus = "pass" if fine else "fail"
        return Health(name, status, "readiness", detail, observed, expected)

    return [
        row(
            "minimum_runtime",
            fine=runtime_days >= minimum_days,
            detail=f"it ran {runtime_days:.4g} of at least {minimum_days:g} days",
            observed=runtime_days,
            expected=minimum_days,
        ),
        row(
            "minimum_users",
            fine=closed_units[arm] >= minimum_users,
            detail=f"{arm} has {closed_units[arm]:,} of at least {minimum_users:,} closed units",
            observed=float(closed_units[arm]),
            expected=float(minimum_users),
        ),
        row(
            "immature_share",
            fine=share <= settings.immature_share,
            detail=f"the window of {share:.1%} of the units is still open"
            if closed + open_units
            else "no unit counts yet",
            observed=share,
            expected=settings.immature_share,
        ),
    ]
