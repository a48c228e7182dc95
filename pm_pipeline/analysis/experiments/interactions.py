"""Whether an effect depends on another experiment that the same units were in.

Belongs here: the warning, from the units that two experiments share. Does not belong here: which
units those are (dbt), the test itself (``heterogeneity``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pm_pipeline.analysis.experiments.comparisons import Comparison, compare
from pm_pipeline.analysis.experiments.families import adjusted
from pm_pipeline.analysis.experiments.health import Health, HealthStatus, shown_p
from pm_pipeline.analysis.experiments.heterogeneity import heterogeneity
from pm_pipeline.analysis.experiments.moments import Moments, merged
from pm_pipeline.analysis.experiments.plans import Metric, Plan, Reading
from pm_pipeline.analysis.experiments.settings import DEFAULTS, Settings


@dataclass(frozen=True)
class Overlap:
    """Closed units of one arm that another experiment had in one of its arms."""

    other: str
    metric_name: str
    variant: str
    other_variant: str
    moments: Moments


@dataclass(frozen=True)
class _Asked:
    """Whether the effect of an arm on a metric is the same in all arms of the other experiment."""

    other: str
    metric_name: str
    variant: str
    effects: Mapping[str, float]
    p_value: float | None


def interactions(
    plan: Plan, overlaps: Sequence[Overlap], closed_units: int, settings: Settings = DEFAULTS
) -> list[Health]:
    """Warn of effects on primaries that differ between the arms of another experiment.

    Cochran's Q over those arms, Holm over everything that is asked. Only units of both experiments
    are compared: who comes into the other one may depend on this one, the arm that he gets there
    does not.
    """
    asked = [
        _ask(plan, metric, variant, other, _of(overlaps, other, metric.name), settings)
        for other in sorted({overlap.other for overlap in overlaps})
        for metric in plan.metrics
        if metric.role == "primary"
        for variant in plan.treatments
    ]
    corrected = adjusted([each.p_value for each in asked], "holm")
    rows = []
    for each, p in zip(asked, corrected, strict=True):
        shared = sum(one.moments.count for one in _of(overlaps, each.other, each.metric_name))
        share = shared / closed_units if closed_units else 0.0
        status: HealthStatus = "not_applicable"
        detail = f"{shared:,} of {closed_units:,} units ({share:.1%}) were in {each.other} too"
        if p is None:
            detail += ", too few in its arms to compare"
        else:
            status = "warn" if p <= settings.interaction_warns else "pass"
            moved = " and ".join(
                f"{effect:+.3g} with {arm}" for arm, effect in each.effects.items()
            )
            detail += (
                f": {each.metric_name} of {each.variant} moved by {moved}, adjusted {shown_p(p)}"
            )
        name = f"interaction:{each.other}:{each.metric_name}:{each.variant}"
        rows.append(Health(name, status, "none", detail, share, None, p))
    return rows


def _of(overlaps: Iterable[Overlap], other: str, metric: str) -> list[Overlap]:
    return [one for one in overlaps if (one.other, one.metric_name) == (other, metric)]


def _ask(
    plan: Plan,
    metric: Metric,
    variant: str,
    other: str,
    overlaps: Sequence[Overlap],
    settings: Settings,
) -> _Asked:
    arms: dict[str, dict[str, Moments]] = {}
    for one in overlaps:
        arms.setdefault(one.other_variant, {})[one.variant] = one.moments
    compared: dict[str, Comparison] = {}
    for other_variant, sides in sorted(arms.items()):
        pair = [sides.get(arm, Moments()) for arm in (plan.control, variant)]
        if min(side.count for side in pair) < settings.slice_units:
            continue
        found = compare(
            pair[:1],
            pair[1:],
            [merged(sides.values())],
            metric.kind,
            Reading(plan.alpha),
            use_covariate=metric.has_covariate,
            settings=settings,
        )
        if isinstance(found, Comparison):
            compared[other_variant] = found
    test = heterogeneity(
        [found.difference.estimate for found in compared.values()],
        [found.difference.variance for found in compared.values()],
    )
    effects = {arm: found.difference.estimate for arm, found in compared.items()}
    return _Asked(other, metric.name, variant, effects, test.p_value if test else None)
