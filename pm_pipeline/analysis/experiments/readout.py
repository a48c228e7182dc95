"""All results of one experiment: every metric, arm, analysis set and slice.

Belongs here: families, slices that may show a p, states. Does not belong here: single estimators,
health, the decision.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pm_pipeline.analysis.experiments.boundaries import Looks
from pm_pipeline.analysis.experiments.comparisons import Comparison, Undefined, compare
from pm_pipeline.analysis.experiments.families import Adjustment, adjusted
from pm_pipeline.analysis.experiments.heterogeneity import Heterogeneity, heterogeneity
from pm_pipeline.analysis.experiments.plans import Metric, Plan, Role
from pm_pipeline.analysis.experiments.results import (
    DEFAULT_SET,
    FIRST_VARIANT_SET,
    Result,
    Slice,
    SliceKey,
    figures,
    status_of,
)
from pm_pipeline.analysis.experiments.settings import DEFAULTS, Settings
from pm_pipeline.analysis.experiments.states import guardrail_state, primary_state

FAMILIES: dict[Role, str] = {"primary": "A", "secondary": "B", "guardrail": "guardrails"}
SLICES = "C"
Compared = dict[tuple[SliceKey, str], Comparison | Undefined]


@dataclass(frozen=True)
class SliceTest:
    """Whether the values of one dimension respond differently to an arm."""

    metric_name: str
    variant: str
    segment_name: str
    test: Heterogeneity
    adjusted_p_value: float
    """Over the dimensions of this metric and arm."""


@dataclass(frozen=True)
class Readout:
    """The rows of an experiment, and what its decision is read from."""

    results: list[Result]
    slice_tests: list[SliceTest]
    comparisons: Compared = field(repr=False)

    def total(self, metric: str, variant: str, analysis_set: str = DEFAULT_SET) -> Result | None:
        """Return the row of all units of a metric and arm."""
        key = SliceKey(metric, analysis_set)
        for row in self.results:
            if row.variant == variant and row.key == key:
                return row
        return None


def read_out(
    plan: Plan,
    slices: Mapping[SliceKey, Slice],
    looks: Looks | None = None,
    settings: Settings = DEFAULTS,
) -> Readout:
    """Compare every arm with the control in every slice.

    With ``group_sequential``, ``looks`` are those reached and the slices are cut at the last one.
    """
    metrics = {metric.name: metric for metric in plan.metrics}
    compared: Compared = {}
    for key, part in slices.items():
        for variant in plan.treatments:
            compared[key, variant] = compare_slice(
                plan, metrics[key.metric_name], part, key, variant, looks, settings
            )
    corrected = _adjusted_of_totals(plan, compared)
    tests = _slice_tests(plan, compared)
    telling = {
        (test.metric_name, test.variant, test.segment_name)
        for test in tests
        if test.adjusted_p_value <= settings.heterogeneity_shows
    }
    rows = []
    for (key, variant), comparison in compared.items():
        with_p = key.is_total or (key.metric_name, variant, key.segment_name) in telling
        rows.append(
            _row(
                plan, metrics[key.metric_name], slices[key], key, variant, comparison,
                corrected.get((key, variant)), settings, with_p=with_p,
            )
        )  # fmt: skip
    return Readout(rows, tests, compared)


def compare_slice(
    plan: Plan,
    metric: Metric,
    part: Slice,
    key: SliceKey,
    variant: str,
    looks: Looks | None,
    settings: Settings,
) -> Comparison | Undefined:
    """Compare an arm with the control among the closed units of a slice."""
    control, treated = part.arms.get(plan.control, ()), part.arms.get(variant, ())
    counts = [sum(phase.count for phase in side) for side in (control, treated)]
    if not min(counts):
        return Undefined("no_units")
    if not key.is_total and min(counts) < settings.slice_units:
        return Undefined("too_small")
    return compare(
        control,
        treated,
        part.all_arms,
        metric.kind,
        plan.reading(variant, looks),
        use_covariate=metric.has_covariate,
        settings=settings,
    )


def _adjustment(plan: Plan, role: Role) -> Adjustment:
    if role != "secondary":
        return "holm"
    # The always-valid p values of one experiment depend on each other in any way.
    return "benjamini_yekutieli" if plan.inference == "sequential" else "benjamini_hochberg"


def _adjusted_of_totals(plan: Plan, compared: Compared) -> dict[tuple[SliceKey, str], float | None]:
    found: dict[tuple[SliceKey, str], float | None] = {}
    for analysis_set in {key.analysis_set: None for key, _ in compared}:
        for role in FAMILIES:
            members = [
                (SliceKey(metric.name, analysis_set), variant)
                for metric in plan.metrics
                if metric.role == role
                for variant in plan.treatments
            ]
            values = [_deciding_p(compared.get(member)) for member in members]
            found.update(zip(members, adjusted(values, _adjustment(plan, role)), strict=True))
    return found


def _deciding_p(comparison: Comparison | Undefined | None) -> float | None:
    return comparison.deciding_p() if isinstance(comparison, Comparison) else None


def _slice_tests(plan: Plan, compared: Compared) -> list[SliceTest]:
    """Test each dimension once per metric and arm; correct over the dimensions."""
    groups: dict[tuple[str, str], dict[str, list[Comparison]]] = {}
    for (key, variant), comparison in compared.items():
        if key.is_total or key.analysis_set != DEFAULT_SET:
            continue
        if isinstance(comparison, Comparison):
            dimensions = groups.setdefault((key.metric_name, variant), {})
            dimensions.setdefault(key.segment_name, []).append(comparison)
    found = []
    for (metric, variant), dimensions in groups.items():
        tests = {
            name: heterogeneity(
                [part.difference.estimate for part in parts],
                [part.difference.variance for part in parts],
            )
            for name, parts in dimensions.items()
        }
        known = {name: test for name, test in tests.items() if test is not None}
        values = adjusted([test.p_value for test in known.values()], "benjamini_hochberg")
        for (name, test), value in zip(known.items(), values, strict=True):
            assert value is not None
            found.append(SliceTest(metric, variant, name, test, value))
    return found


def _row(
    plan: Plan,
    metric: Metric,
    part: Slice,
    key: SliceKey,
    variant: str,
    comparison: Comparison | Undefined,
    corrected: float | None,
    settings: Settings,
    *,
    with_p: bool,
) -> Result:
    family_size = plan.family_size(metric.role) if key.is_total else 1
    shown: dict[str, Any] = {}
    if isinstance(comparison, Comparison):
        shown |= figures(comparison, family_size, settings, with_p=with_p)
        shown["method"] = comparison.method
    status = status_of(comparison, shown)
    if key.is_total:
        defined = comparison if isinstance(comparison, Comparison) else None
        if metric.role == "primary":
            shown["primary_state"] = primary_state(
                defined, metric, corrected, family_size, plan.minimum_effect
            )
        elif metric.role == "guardrail":
            shown["guardrail_state"] = guardrail_state(defined, metric, corrected, family_size)
    sides = [part.arms.get(name, ()) for name in (variant, plan.control)]
    return Result(
        experiment_name=plan.name,
        metric_name=metric.name,
        variant=variant,
        analysis_set=key.analysis_set,
        segment_name=key.segment_name,
        segment_value=key.segment_value,
        role=metric.role,
        control=plan.control,
        users_count=sum(phase.count for phase in sides[0]),
        control_users_count=sum(phase.count for phase in sides[1]),
        open_users_count=part.open_units.get(variant, 0) + part.open_units.get(plan.control, 0),
        inference=plan.inference,
        status=status,
        family=FAMILIES[metric.role] if key.is_total else SLICES,
        family_size=family_size,
        adjusted_p_value=corrected,
        margin=metric.margin.size if metric.margin else None,
        **shown,
    )


def switchers_disagree(plan: Plan, readout: Readout, variant: str) -> bool:
    """Whether the analysis by first variant tells something else of a primary metric."""
    for metric in plan.metrics:
        if metric.role != "primary":
            continue
        own = readout.total(metric.name, variant)
        other = readout.total(metric.name, variant, FIRST_VARIANT_SET)
        if own is None or other is None:
            continue
        if own.is_significant(plan.alpha) != other.is_significant(plan.alpha):
            return True
        if (own.difference or 0.0) * (other.difference or 0.0) < 0:
            return True
    return False
