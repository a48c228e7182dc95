"""One variant against the control, on one metric: every p and interval that is read from it.

Belongs here: which estimator and which inference apply, and why there is no number. Does not belong
here: what other metrics and arms say (families, decisions).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from pm_pipeline.analysis.experiments import boundaries
from pm_pipeline.analysis.experiments.arms import Arm, MetricKind, Pair, make_pair, theta_of
from pm_pipeline.analysis.experiments.contrasts import (
    Contrast,
    Lift,
    contrast,
    lift,
    one_sided,
    welch_critical,
    welch_p,
)
from pm_pipeline.analysis.experiments.moments import Moments, is_negligible
from pm_pipeline.analysis.experiments.plans import Effect, Reading
from pm_pipeline.analysis.experiments.proportions import fisher_p, is_small, newcombe, pooled_p
from pm_pipeline.analysis.experiments.sequences import sequence_critical, sequence_p, tuning
from pm_pipeline.analysis.experiments.settings import DEFAULTS, Settings

Interval = tuple[float, float]
Status = Literal[
    "ok",
    "no_units",  # an arm has no closed unit
    "too_few_units",  # one unit has no variance
    "no_denominator",  # no unit of an arm has a denominator
    "no_variance",  # all units alike
    "too_large",  # values whose squares no number holds
    "too_few",  # too few for the confidence sequence
    "before_first_look",
    "too_small",  # a slice
    "baseline_not_positive",  # no lift
    "baseline_too_noisy",  # no interval of the lift
    "small_count",  # few successes or failures: exact test
]
Method = Literal["welch", "cuped", "pooled_z", "fisher", "delta", "delta_cuped"]


@dataclass(frozen=True)
class Undefined:
    """Why there is no comparison."""

    status: Status


@dataclass(frozen=True)
class Counts:
    """Successes and units of control and variant, of a proportion read as such."""

    successes: tuple[int, int]
    units: tuple[int, int]


@dataclass(frozen=True)
class Comparison:
    """A defined comparison. Intervals are (low, high) of variant minus control."""

    pair: Pair
    difference: Contrast
    method: Method
    reading: Reading
    counts: Counts | None = None
    """Only where the pooled z, Newcombe and Fisher apply."""
    successes: tuple[int, int] | None = None
    """Of any proportion."""
    variance_reduction: float | None = None
    """What CUPED took off the variance of the difference."""
    settings: Settings = field(default=DEFAULTS, repr=False)

    @property
    def units(self) -> tuple[int, int]:
        """The closed units of control and variant."""
        return self.pair.control.count, self.pair.variant.count

    # The plain reading: one look, planned in advance

    def p_value(self) -> float | None:
        """Return the two-sided p of one look."""
        if self.counts is None:
            return welch_p(self.difference)
        if self.method == "fisher":
            return fisher_p(self.counts.successes, self.counts.units)
        return pooled_p(self.counts.successes, self.counts.units)

    def interval(self, alpha: float) -> Interval:
        """Return the interval of level 1 - alpha of one look."""
        if self.counts is not None:
            return newcombe(self.counts.successes, self.counts.units, alpha)
        return self._around(welch_critical(self.difference, alpha))

    def lift(self, alpha: float) -> Lift | None:
        """Return the lift with its interval of one look."""
        return lift(self.pair, self.difference, welch_critical(self.difference, alpha))

    # The confidence sequence

    @property
    def sequence_holds(self) -> bool:
        """Whether there are units enough for the confidence sequence."""
        if min(self.units) < self.settings.sequential_units:
            return False
        if self.successes is None:
            return True
        return not is_small(self.successes, self.units, self.settings.sequential_successes)

    @property
    def _rho_squared(self) -> float:
        # One rho for all levels: p and every interval then come from one martingale and agree.
        planned = self.reading.planned_units or self.settings.tuning_units
        return tuning(self.reading.alpha, planned)

    def sequential_p(self) -> float | None:
        """Return the always-valid p; None with too few units."""
        if not self.sequence_holds:
            return None
        return self._sequence_p(self.difference)

    def sequential_interval(self, alpha: float) -> Interval | None:
        """Return the always-valid interval; None with too few units."""
        if not self.sequence_holds:
            return None
        return self._around(self._sequence_critical(self.difference, alpha))

    # The reading that decides

    @property
    def decides(self) -> bool:
        """Whether the experiment's inference says anything yet."""
        if self.reading.inference == "sequential":
            return self.sequence_holds
        return self.reading.inference == "fixed" or self.reading.looks is not None

    def deciding_p(self) -> float | None:
        """Return the p of the experiment's inference."""
        if self.reading.inference == "fixed":
            return self.p_value()
        return self._deciding_p_of(self.difference) if self.decides else None

    def deciding_interval(self, alpha: float) -> Interval | None:
        """Return the interval of level 1 - alpha of the experiment's inference."""
        if not self.decides:
            return None
        if self.reading.inference == "fixed":
            return self.interval(alpha)
        return self._around(self.deciding_critical(alpha))

    def deciding_critical(self, alpha: float) -> float:
        """Return how many standard errors the deciding interval reaches."""
        return self._deciding_critical_of(self.difference, alpha)

    def beyond(self, bound: Effect, alpha: float, sign: int) -> bool | None:
        """Whether the one-sided deciding bound of level 1 - alpha lies beyond ``bound``.

        With ``sign`` 1: the effect is above ``bound.size``; with -1: below it. A relative bound is
        tested on variant - (1 + size) x control. None where nothing can be said.
        """
        if not self.decides:
            return None
        if not bound.is_relative:
            interval = self.deciding_interval(2 * alpha)
            assert interval is not None
            return interval[0] > bound.size if sign > 0 else interval[1] < bound.size
        if self.pair.control.value <= 0:
            return None
        shifted = contrast(self.pair, bound.size)
        if shifted is None:
            return None
        return sign * shifted.ratio > self._deciding_critical_of(shifted, 2 * alpha)

    def one_sided_p(self, bound: Effect, sign: int) -> float | None:
        """Return the p against the effect being on the wrong side of ``bound``."""
        if not self.decides:
            return None
        taken = bound.size if bound.is_relative else 0.0
        shifted = contrast(self.pair, taken)
        if shifted is None:
            return None
        if not bound.is_relative:
            shifted = Contrast(
                shifted.estimate - bound.size, shifted.variance, shifted.degrees, shifted.units
            )
        return one_sided(self._deciding_p_of(shifted), shifted.estimate, sign)

    def _around(self, critical: float) -> Interval:
        half = critical * self.difference.standard_error
        return self.difference.estimate - half, self.difference.estimate + half

    def _sequence_p(self, shown: Contrast) -> float:
        return sequence_p(shown.estimate, shown.variance, shown.units, self._rho_squared)

    def _sequence_critical(self, shown: Contrast, alpha: float) -> float:
        return sequence_critical(shown.units, self._rho_squared, alpha)

    def _deciding_p_of(self, shown: Contrast) -> float:
        if self.reading.inference == "sequential":
            return self._sequence_p(shown)
        if self.reading.looks is not None:
            return boundaries.repeated_p(self.reading.looks, shown.ratio)
        return welch_p(shown)

    def _deciding_critical_of(self, shown: Contrast, alpha: float) -> float:
        if self.reading.inference == "sequential":
            return self._sequence_critical(shown, alpha)
        if self.reading.looks is not None:
            return boundaries.critical(self.reading.looks, alpha)
        return welch_critical(shown, alpha)


def compare(
    control: Sequence[Moments],
    variant: Sequence[Moments],
    all_arms: Sequence[Moments],
    kind: MetricKind,
    reading: Reading,
    *,
    use_covariate: bool = True,
    settings: Settings = DEFAULTS,
) -> Comparison | Undefined:
    """Compare a variant with the control; each sequence holds one entry a phase.

    ``all_arms`` are the moments of all arms of the experiment, from which theta is taken.
    """
    counts = [sum(part.count for part in side) for side in (control, variant)]
    if not min(counts):
        return Undefined("no_units")
    plain = make_pair(control, variant, all_arms, kind, None, settings)
    if plain is None:
        few = min(counts) < settings.units_for_variance or kind != "ratio"
        return Undefined("too_few_units" if few else "no_denominator")
    difference = contrast(plain)
    if difference is not None and not difference.is_finite:
        return Undefined("too_large")
    successes = _successes(control, variant) if kind == "proportion" else None
    # An arm without variance tells of too few units rather than of certainty; two proportions are
    # compared by their counts, which need none.
    arms = (plain.control, plain.variant)
    if difference is None or (
        successes is None and any(_is_rounding(arm, settings) for arm in arms)
    ):
        return Undefined("no_variance")

    theta = theta_of(all_arms, kind, settings) if use_covariate else None
    adjusted = make_pair(control, variant, all_arms, kind, theta, settings) if theta else None
    if adjusted is not None:
        smaller = contrast(adjusted)
        if smaller is not None and smaller.variance < difference.variance:
            return Comparison(
                adjusted,
                smaller,
                "delta_cuped" if kind == "ratio" else "cuped",
                reading,
                successes=successes,
                variance_reduction=1 - smaller.variance / difference.variance,
                settings=settings,
            )
    as_counts = None
    method: Method = "delta" if kind == "ratio" else "welch"
    if successes is not None and reading.inference == "fixed" and len(plain.control.strata) == 1:
        as_counts = Counts(successes, (plain.control.count, plain.variant.count))
        few_counts = is_small(successes, as_counts.units, settings.small_count)
        method = "fisher" if few_counts else "pooled_z"
    return Comparison(plain, difference, method, reading, as_counts, successes, settings=settings)


def _successes(control: Sequence[Moments], variant: Sequence[Moments]) -> tuple[int, int]:
    return sum(part.successes for part in control), sum(part.successes for part in variant)


def _is_rounding(arm: Arm, settings: Settings) -> bool:
    variance, _ = arm.variance()
    return is_negligible(variance * arm.count, arm.value, settings.negligible_spread)
