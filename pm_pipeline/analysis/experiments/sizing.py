"""How many units and days an experiment needs, and what it can detect.

Belongs here: sizes for each inference, guardrails, days, impact at full roll-out. Does not belong
here: where the mean and variance of the past come from.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from scipy import optimize, special

from pm_pipeline.analysis.experiments.arms import MetricKind
from pm_pipeline.analysis.experiments.boundaries import Looks, chance_to_stop
from pm_pipeline.analysis.experiments.plans import Inference
from pm_pipeline.analysis.experiments.sequences import sequence_critical, tuning
from pm_pipeline.analysis.experiments.settings import DEFAULTS, Settings

MOST_UNITS = 1e13
"""Nothing needs more; a search for a size ends here."""
SMALLEST_DEGREES = 1.0
"""Student's t needs a degree of freedom; a search for a size starts here."""
FAR_BEYOND = 12.0
"""An effect of so many standard errors is found for certain."""
NEAR_NOTHING = 6.0
"""A larger effect is never found with the wrong sign; the function of the far tail underflows."""
LEAST_REMAINING = 1e-9
"""The time before never tells everything: of no variance at all nothing could be computed."""
EFFECTS = 1e-6, 1e9
"""In standard errors: smaller effects nobody finds, larger ones everybody."""


@dataclass(frozen=True)
class Baseline:
    """A metric as it was per unit and window, before the experiment."""

    kind: MetricKind
    mean: float
    variance: float
    correlation: float = 0.0
    """Of a unit's metric with itself before exposure: what CUPED gains from."""

    @property
    def remaining(self) -> float:
        """The share of the variance that CUPED leaves."""
        return max(1 - self.correlation**2, LEAST_REMAINING)


@dataclass(frozen=True)
class Aim:
    """How a comparison will be read, and how surely it shall find its effect."""

    alpha: float = 0.05
    """After the correction for its family: alpha / family size."""
    power: float = DEFAULTS.power
    inference: Inference = "fixed"
    looks: tuple[float, ...] = ()
    is_one_sided: bool = False
    planned_units: float | None = None
    """Where the confidence sequence is tightest; without it, at the size that is sought."""

    @property
    def two_sided_alpha(self) -> float:
        """The level of the interval whose one bound is read."""
        return 2 * self.alpha if self.is_one_sided else self.alpha

    @property
    def reach(self) -> float:
        """Standard errors between no effect and one found with the wanted power, at one look."""
        quantiles = special.ndtri(1 - self.two_sided_alpha / 2) + special.ndtri(self.power)
        return float(quantiles)


def _least(missing: Callable[[float], float], low: float, high: float) -> float:
    """Return where ``missing``, which falls with its logarithm, comes to 0; or the nearer end."""
    ends = math.log(low), math.log(high)
    if missing(ends[0]) <= 0:
        return low
    if missing(ends[1]) >= 0:
        return high
    return math.exp(optimize.brentq(missing, *ends, xtol=1e-13))


def guardrail_power(power: float, guardrails: int) -> float:
    """Return the power of each of k guardrails with which all pass with ``power``."""
    return 1 - (1 - power) / max(guardrails, 1)


@lru_cache(maxsize=256)
def inflation(fractions: tuple[float, ...], alpha: float, power: float) -> float:
    """Return how many times the units of a single look a group-sequential design needs."""
    looks = Looks(fractions, is_last=True)

    def missing(drift: float) -> float:
        return power - chance_to_stop(looks, alpha, drift)

    if missing(0.0) <= 0:  # so much alpha finds anything
        return 1.0
    single = float(special.ndtri(1 - alpha / 2) + special.ndtri(power))
    # The last look is at the last fraction of the units: its drift counts.
    end = fractions[-1]
    drift = float(optimize.brentq(missing, 0.0, 4 * single / math.sqrt(end)))
    return drift**2 * end / single**2


def _variance_of_variant(baseline: Baseline, effect: float) -> float:
    if baseline.kind != "proportion":
        return baseline.variance
    share = min(max(baseline.mean + effect, 0.0), 1.0)
    return share * (1 - share)


def _normal_control_units(baseline: Baseline, effect: float, aim: Aim, ratio: float) -> float:
    """Return the control's units, the variant having ``ratio`` times as many."""
    spread = baseline.variance + _variance_of_variant(baseline, effect) / ratio
    errors = aim.reach * math.sqrt(spread * baseline.remaining) / abs(effect)
    return errors * errors


def _t_control_units(baseline: Baseline, effect: float, aim: Aim, ratio: float) -> float:
    size = abs(effect) / math.sqrt(baseline.variance * baseline.remaining)
    alpha = aim.two_sided_alpha / 2

    def missing(logarithm: float) -> float:
        control = math.exp(logarithm)
        degrees = control * (1 + ratio) - 2
        critical = special.stdtrit(degrees, 1 - alpha)
        drift = size * math.sqrt(control * ratio / (1 + ratio))
        if drift > FAR_BEYOND:
            return aim.power - 1.0
        found = 1 - special.nctdtr(degrees, drift, critical)
        wrong = 0.0
        if not aim.is_one_sided and drift < NEAR_NOTHING:
            wrong = special.nctdtr(degrees, drift, -critical)
        return float(aim.power - found - (0.0 if math.isnan(wrong) else wrong))

    return _least(missing, (2 + SMALLEST_DEGREES) / (1 + ratio), MOST_UNITS)


def _sequence_control_units(baseline: Baseline, effect: float, aim: Aim, ratio: float) -> float:
    """Return the size at which the sequence finds the effect with the power at that very look."""
    spread = (baseline.variance + _variance_of_variant(baseline, effect) / ratio) * (
        baseline.remaining
    )
    alpha = aim.two_sided_alpha

    def missing(logarithm: float) -> float:
        control = math.exp(logarithm)
        units = control * (1 + ratio)
        rho_squared = tuning(alpha, aim.planned_units or units)
        reach = sequence_critical(round(units), rho_squared, alpha) + special.ndtri(aim.power)
        return float(reach * math.sqrt(spread / control) - abs(effect))

    return _least(missing, 2.0, MOST_UNITS)


def control_units(baseline: Baseline, effect: float, aim: Aim, ratio: float = 1.0) -> float:
    """Return how many units the control needs for an absolute effect, not yet rounded.

    Proportions: the unpooled normal form; means at one look: Student's t; ratios: the normal form
    with the variance of the linearised value.
    """
    if aim.inference == "sequential":
        return _sequence_control_units(baseline, effect, aim, ratio)
    if aim.inference == "fixed" and baseline.kind == "mean":
        return _t_control_units(baseline, effect, aim, ratio)
    found = _normal_control_units(baseline, effect, aim, ratio)
    if aim.inference == "group_sequential":
        found *= inflation(aim.looks, aim.two_sided_alpha, aim.power)
    return min(found, MOST_UNITS)


def detectable_effect(baseline: Baseline, units: float, aim: Aim, ratio: float = 1.0) -> float:
    """Return the least absolute effect that so many control units find."""
    scale = math.sqrt(baseline.variance * baseline.remaining * (1 + 1 / ratio) / units)

    def missing(logarithm: float) -> float:
        return control_units(baseline, scale * math.exp(logarithm), aim, ratio) - units

    return scale * _least(missing, *EFFECTS)


@dataclass(frozen=True)
class Demand:
    """A metric that an experiment must be large enough for."""

    name: str
    baseline: Baseline
    effect: float
    """The absolute effect to find, or the margin of a guardrail."""
    is_guardrail: bool = False


@dataclass(frozen=True)
class Size:
    """What an experiment needs; ``limiting`` is the metric that needs most."""

    units: dict[str, int]
    days: int | None
    limiting: str
    by_metric: dict[str, int]
    """All units that each metric alone would need."""

    @property
    def total(self) -> int:
        """The units of all arms."""
        return sum(self.units.values())


def size_experiment(
    demands: Sequence[Demand],
    shares: Mapping[str, float],
    control: str,
    *,
    alpha: float = 0.05,
    inference: Inference = "fixed",
    looks: tuple[float, ...] = (),
    planned_units: float | None = None,
    units_per_day: float | None = None,
    window_days: float = 0.0,
    settings: Settings = DEFAULTS,
) -> Size:
    """Return units by variant, and days in whole weeks until the last unit's window has closed."""
    treatments = [variant for variant in shares if variant != control]
    guardrails = sum(demand.is_guardrail for demand in demands)
    family = (len(demands) - guardrails) * len(treatments)
    by_metric = {}
    for demand in demands:
        aim = Aim(
            alpha=alpha if demand.is_guardrail else alpha / family,
            power=guardrail_power(settings.power, guardrails if demand.is_guardrail else 1),
            inference=inference,
            looks=looks,
            is_one_sided=demand.is_guardrail,
            planned_units=planned_units,
        )
        # The allocation is given, so the arm that is worst off sets the size of all.
        most = max(
            control_units(demand.baseline, demand.effect, aim, shares[arm] / shares[control])
            for arm in treatments
        )
        by_metric[demand.name] = most / shares[control]
    limiting = max(by_metric, key=lambda name: by_metric[name])
    whole = by_metric[limiting]
    if inference == "sequential":  # with fewer units the sequence is not read
        whole = max(whole, settings.sequential_units / min(shares.values()))
    units = {variant: math.ceil(whole * share) for variant, share in shares.items()}
    days = None
    if units_per_day:
        days = whole_weeks(sum(units.values()) / units_per_day + window_days, settings)
    total = sum(shares.values())
    rounded = {name: math.ceil(value * total) for name, value in by_metric.items()}
    return Size(units, days, limiting, rounded)


def whole_weeks(days: float, settings: Settings = DEFAULTS) -> int:
    """Round days up to whole weeks."""
    week = settings.days_of_a_week
    return math.ceil(math.ceil(days) / week) * week


def days_left(
    needed: float, closed: int, units_per_day: float | None, settings: Settings = DEFAULTS
) -> int | None:
    """Return the days until enough units are closed, in whole weeks; None when that never is.

    Windows close at the pace at which units are exposed, so the delay of a window cancels out.
    """
    missing = needed - closed
    if missing <= 0:
        return 0
    if needed >= MOST_UNITS:
        return None
    return whole_weeks(missing / units_per_day, settings) if units_per_day else None


@dataclass(frozen=True)
class Impact:
    """The change of a product total per period, if everybody eligible got the variant."""

    change: float
    low: float | None
    high: float | None


def impact(
    lift: float, low: float | None, high: float | None, eligible_share: float, volume: float
) -> Impact:
    """Return lift x eligible share x volume, with its interval."""
    scale = eligible_share * volume
    return Impact(
        lift * scale,
        None if low is None else low * scale,
        None if high is None else high * scale,
    )
