"""Every threshold of the life-cycle stages, with its reason.

Belongs here: numbers that a judgement turns on. Does not belong here: the judgements.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SlopeSettings:
    """How a slope and its interval are found."""

    weeks: int = 13
    """A quarter: long enough for an interval, short enough to notice a turn within a quarter."""
    confidence: float = 0.95
    """The customary level of an interval."""
    largest_correlation: float = 0.8
    """Residuals more alike than this leave no information; the interval is tripled there."""


@dataclass(frozen=True)
class StageSettings:
    """What makes a stage. Rates are shares a week."""

    minimum_weekly_users: int = 50
    """Below it chance alone moves a week by more than a tenth. ``lifecycle:`` of product.yml."""
    growth_rate: float = 0.005
    """Half a percent a week is thirty percent a year: less is no growth worth the name."""
    decline_rate: float = -0.005
    """The same towards the other side: a quarter lost in a year."""
    steady_rate: float = 0.015
    """An interval inside of it says that a quarter changes less than a fifth: maturity."""
    introduction_weeks: int = 26
    """Half a year after the launch a product is no longer new to its users."""
    introduction_penetration: float = 0.05
    """Under a twentieth of those it is meant for, hardly anybody has met it yet."""
    confirmation_weeks: int = 4
    """A stage changes after a month of the same verdict: one odd week changes nothing."""
    censored_days: int = 28
    """Who is active in the first four weeks of data may have begun long before."""
    slowdown_peak_weeks: int = 26
    """A fall after growth from a peak of the last half year may be a saddle, not the end."""
    slowdown_level: float = 0.7
    """As long as seven tenths of that peak are kept."""


@dataclass(frozen=True)
class SeasonSettings:
    """How the season is told from the trend."""

    period_weeks: int = 52
    """A year."""
    adjusted_from_weeks: int = 104
    """Two whole years are the least from which a season can be estimated."""
    compared_from_weeks: int = 53
    """One year and a week: there is a last year to compare with."""
    compared_weeks: int = 4
    """The mean of a month against the same month a year before."""
    longest_weeks: int = 260
    """Five years: seasons older than that tell nothing of this one."""
    trend_jump: int = 10
    """STL estimates its trend at every tenth week and draws lines between: the same to the eye,
    four times as fast."""
    low_pass_jump: int = 6
    """The same for its low-pass filter."""


@dataclass(frozen=True)
class AdviceSettings:
    """What counts as evidence for keep, kill or reboot."""

    minimum_users: int = 100
    """An input that fewer people stand behind is unknown."""
    old_users_weeks: int = 26
    """Half a year after their first use people are no longer new."""
    survival_months: int = 6
    """The slope of survival is taken over half a year of complete months."""
    new_users_rate: float = -0.005
    """New users fall when they certainly fall faster than this a week."""
    cohorts: int = 6
    """The last six mature cohorts against the six before."""
    experiment_weeks: int = 26
    """A validated experiment speaks for a feature for half a year."""
    significance: float = 0.05
    """The customary chance of a false alarm, for retention of cohorts."""
    exclusive_rate: float = 0.3
    """From three tenths of users who use nothing else, taking it away loses them."""


@dataclass(frozen=True)
class DispersionSettings:
    """The scale of Polli and Cook: how much quarters of comparable subjects differ."""

    quarter_weeks: int = 13
    """A quarter."""
    settled_weeks: int = 26
    """Quarters of the launch ramp would stretch the scale."""
    least_subjects: int = 5
    """Fewer subjects are no panel."""
    least_quarters: int = 20
    """Fewer quarters give no scale."""
    to_sigma: float = 1.4826
    """Makes the median absolute deviation of normal values their standard deviation."""
    half: float = 0.5
    """Half a sigma on either side of no change is maturity."""
    introduction_share: float = 0.05
    """Under a twentieth of the peak it is introduction."""


@dataclass(frozen=True)
class LifecycleSettings:
    """All of them."""

    slope: SlopeSettings = SlopeSettings()
    stage: StageSettings = StageSettings()
    season: SeasonSettings = SeasonSettings()
    advice: AdviceSettings = AdviceSettings()
    dispersion: DispersionSettings = DispersionSettings()
