"""One row of results: everything that a comparison says, ready to be stored.

Belongs here: the row and how it is filled from a comparison. Does not belong here: families, which
see many comparisons at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from scipy import special

from pm_pipeline.analysis.experiments.comparisons import (
    Comparison,
    Interval,
    Method,
    Status,
    Undefined,
)
from pm_pipeline.analysis.experiments.moments import Moments, merged
from pm_pipeline.analysis.experiments.plans import Inference, Role
from pm_pipeline.analysis.experiments.settings import Settings
from pm_pipeline.analysis.experiments.states import GuardrailState, PrimaryState

ALL = "all"
DEFAULT_SET = "default"
"""Units that saw one variant only."""
FIRST_VARIANT_SET = "first_variant"
"""All units, each in the variant that it saw first."""
EXPOSED_SET = "exposed"
"""With activation, the default set is of activated units; this one has all exposed units."""
EXPOSED_FIRST_VARIANT_SET = "exposed_first_variant"
"""With activation, the same of all units by the variant seen first."""
NOTHING: tuple[None, None] = (None, None)


@dataclass(frozen=True)
class SliceKey:
    """Which figures these are: of a metric, an analysis set, and one value of a dimension."""

    metric_name: str
    analysis_set: str = DEFAULT_SET
    segment_name: str = ALL
    segment_value: str = ALL

    @property
    def is_total(self) -> bool:
        """Whether it is of all units."""
        return self.segment_name == ALL


@dataclass(frozen=True)
class Slice:
    """The closed units of each variant, one entry a phase, and how many units are still open."""

    arms: Mapping[str, Sequence[Moments]]
    open_units: Mapping[str, int]

    @cached_property
    def all_arms(self) -> list[Moments]:
        """The units of all variants, one entry a phase."""
        return [merged(phase) for phase in zip(*self.arms.values(), strict=True)]


@dataclass(frozen=True)
class Result:
    """A row of ``experiments.results``. None is undefined; ``status`` says why."""

    experiment_name: str
    metric_name: str
    variant: str
    analysis_set: str
    segment_name: str
    segment_value: str
    role: Role
    control: str
    users_count: int
    control_users_count: int
    open_users_count: int
    inference: Inference
    status: Status
    family: str
    family_size: int
    control_mean: float | None = None
    variant_mean: float | None = None
    difference: float | None = None
    difference_low: float | None = None
    difference_high: float | None = None
    lift: float | None = None
    lift_low: float | None = None
    lift_high: float | None = None
    standard_error: float | None = None
    p_value: float | None = None
    sequential_p_value: float | None = None
    sequential_low: float | None = None
    sequential_high: float | None = None
    deciding_p_value: float | None = None
    adjusted_p_value: float | None = None
    deciding_low: float | None = None
    deciding_high: float | None = None
    margin: float | None = None
    guardrail_state: GuardrailState | None = None
    primary_state: PrimaryState | None = None
    variance_reduction_rate: float | None = None
    minimum_detectable_effect: float | None = None
    eligible_rate: float | None = None
    rollout_volume: float | None = None
    rollout_impact: float | None = None
    rollout_impact_low: float | None = None
    rollout_impact_high: float | None = None
    method: Method | None = None

    @property
    def key(self) -> SliceKey:
        """The slice it belongs to."""
        return SliceKey(self.metric_name, self.analysis_set, self.segment_name, self.segment_value)

    def is_significant(self, alpha: float) -> bool:
        """Whether its adjusted p says so."""
        return self.adjusted_p_value is not None and self.adjusted_p_value <= alpha


def status_of(comparison: Comparison | Undefined, shown: Mapping[str, float | None]) -> Status:
    """Return why something is missing from a row, the most telling reason first."""
    if isinstance(comparison, Undefined):
        return comparison.status
    if not comparison.decides:
        sequential = comparison.reading.inference == "sequential"
        return "too_few" if sequential else "before_first_look"
    if comparison.method == "fisher":
        return "small_count"
    if shown["lift"] is None:
        return "baseline_not_positive"
    return "baseline_too_noisy" if shown["lift_low"] is None else "ok"


def figures(
    comparison: Comparison, family_size: int, settings: Settings, *, with_p: bool = True
) -> dict[str, float | None]:
    """Return the numbers of a comparison by the names of their columns."""
    alpha = comparison.reading.alpha
    level = alpha / family_size
    error = comparison.difference.standard_error
    low, high = comparison.interval(alpha)
    lift = comparison.lift(alpha)
    sequence: Interval | tuple[None, None] = comparison.sequential_interval(alpha) or NOTHING
    deciding: Interval | tuple[None, None] = comparison.deciding_interval(level) or NOTHING
    reach = None
    if comparison.decides:
        power = float(special.ndtri(settings.power))
        reach = (comparison.deciding_critical(level) + power) * error
    return {
        "control_mean": comparison.pair.control.value,
        "variant_mean": comparison.pair.variant.value,
        "difference": comparison.difference.estimate,
        "difference_low": low,
        "difference_high": high,
        "lift": lift.value if lift else None,
        "lift_low": lift.low if lift else None,
        "lift_high": lift.high if lift else None,
        "standard_error": error,
        "p_value": comparison.p_value() if with_p else None,
        "sequential_p_value": comparison.sequential_p() if with_p else None,
        "sequential_low": sequence[0],
        "sequential_high": sequence[1],
        "deciding_p_value": comparison.deciding_p() if with_p else None,
        "deciding_low": deciding[0],
        "deciding_high": deciding[1],
        "variance_reduction_rate": comparison.variance_reduction,
        "minimum_detectable_effect": reach,
    }
