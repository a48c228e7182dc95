"""Every number that a rule of experiments rests on, with its reason.

Belongs here: thresholds and defaults. Does not belong here: what an experiment plans for itself
(alpha, margins, planned users), which comes from ``product.yml``.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """The thresholds; a caller who wants others makes his own."""

    # Estimators
    units_for_variance: int = 2
    """A sample variance needs two units."""
    negligible_spread: float = 1e-12
    """A standard deviation smaller than this share of the mean is rounding, not variance."""
    cancelled_share: float = 1e-12
    """A variance of which but this share is left when its terms cancel is their rounding."""
    small_count: int = 10
    """Below 10 successes or failures in an arm the normal approximation of a proportion is off."""
    covariate_units: int = 100
    """Closed units of all arms from which theta is estimated; with fewer its own noise counts."""
    sequential_units: int = 100
    """Units an arm from which the asymptotic confidence sequence is close to its promise."""
    sequential_successes: int = 25
    """Successes and failures an arm for the same, when the metric is a proportion."""
    tuning_units: int = 10_000
    """Where the confidence sequence is tightest when nothing was planned; fixed for ever."""

    # Sample ratio and other checks of validity
    ratio_concentration: float = 10_000.0
    """Prior weight of the planned shares (Lindon and Malek): deviations of about 1 % are sought."""
    ratio_sequential_fails: float = 0.01
    """An always-valid p: it may be looked at daily, hence the milder threshold."""
    ratio_fixed_fails: float = 0.001
    """Read once, when enrolment is over; the customary level of an alarm."""
    ratio_warns: float = 0.01
    """The customary level of a warning."""
    ratio_expected_count: float = 5.0
    """Below 5 expected units in a cell the chi-square distribution does not hold."""
    excluded_share_fails: float = 0.05
    """With more switchers than this the units left are no longer those that were randomised."""
    excluded_share_warns: float = 0.01
    """More switchers than identity errors usually explain."""
    imbalance_warns: float = 0.001
    """Adjusted p of a difference before exposure, which a sound randomisation cannot make."""
    implausible_lift: float = 0.5
    """Lifts above one half are far more often a fault of measurement than an effect."""
    novelty_warns: float = 0.01
    """p of a change of the effect between the halves of the window."""

    # Readiness
    immature_share: float = 0.5
    """With more than half of the units still open, the closed ones are those of the first days."""

    # Slices
    slice_units: int = 100
    """Closed units an arm below which a slice shows no estimate."""
    heterogeneity_shows: float = 0.05
    """Slices show their own p only when they differ among themselves at this level."""

    # Overlapping experiments
    interaction_warns: float = 0.01
    """Adjusted p of an effect that depends on another experiment; few real ones do, and many pairs
    are asked."""

    # Sizing
    power: float = 0.8
    """The customary chance of finding the effect that one plans for."""
    days_of_a_week: int = 7
    """Experiments end after whole weeks: weekdays differ."""


DEFAULTS = Settings()
