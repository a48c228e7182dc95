"""The evidence in decline, letter by letter: who leaves, who no longer comes, what it is worth.

Belongs here: O, N, V, X and D as true, false or unknown, with value, interval and n. Does not
belong here: what is advised of them (``advice.py``).

An input that too few people stand behind is unknown, and unknown is neither true nor false.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from scipy import special

from pm_pipeline.analysis.lifecycle.settings import LifecycleSettings
from pm_pipeline.analysis.lifecycle.slopes import robust_slope


@dataclass(frozen=True)
class Share:
    """Some of a number of people: of ``users``, ``kept``."""

    users: int
    kept: int


@dataclass(frozen=True)
class Letter:
    """One piece of evidence; ``holds`` is None when it is unknown."""

    holds: bool | None
    value: float | None = None
    low: float | None = None
    high: float | None = None
    n: int | None = None
    note: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return it for the evidence column: figures to six digits, the same in every run."""
        return {
            "holds": self.holds,
            "value": _rounded(self.value),
            "low": _rounded(self.low),
            "high": _rounded(self.high),
            "n": self.n,
            "note": self.note,
        }


@dataclass(frozen=True)
class Experiment:
    """An experiment on a subject: whether it was validated, and since when that is known."""

    name: str
    is_validated: bool
    known_on: date


def validated_experiment(
    experiments: Sequence[Experiment], end: date, settings: LifecycleSettings
) -> Letter:
    """X: an experiment on it was validated in the last half year before the end of a week."""
    if not experiments:
        return Letter(None, note="no experiment on it")
    first = end - timedelta(weeks=settings.advice.experiment_weeks)
    validated = [
        each.name for each in experiments if each.is_validated and first <= each.known_on <= end
    ]
    known = [each for each in experiments if each.known_on <= end]
    if validated:
        return Letter(True, n=len(validated), note=", ".join(validated))
    return Letter(False, n=len(known), note="none was validated in time")


def old_users_leave(months: Sequence[Share], settings: LifecycleSettings) -> Letter:
    """O: the survival of old users falls over the last complete months, the oldest first."""
    rules = settings.advice
    last = months[-rules.survival_months :]
    if len(last) < rules.survival_months:
        return Letter(None, note=f"fewer than {rules.survival_months} complete months")
    fewest = min(month.users for month in last)
    if fewest < rules.minimum_users:
        return Letter(None, n=fewest, note=f"a month with fewer than {rules.minimum_users} users")
    slope = robust_slope([month.kept / month.users for month in last], settings.slope)
    note = "change of monthly survival a month; n of the smallest month"
    return Letter(slope.high < 0, slope.value, slope.low, slope.high, fewest, note)


def new_users_lack(
    new_users: Sequence[int], cohorts: Sequence[Share], settings: LifecycleSettings
) -> Letter:
    """N: weekly new users fall, or newer cohorts come back less; unknown when neither is known.

    Either of the two is enough; without one that holds, both must be known to say that none does.
    """
    both = (new_users_fall(new_users, settings), cohorts_weaken(cohorts, settings))
    for one in both:
        if one.holds:
            return one
    for one in both:
        if one.holds is None:
            return one
    return both[0]


def new_users_fall(new_users: Sequence[int], settings: LifecycleSettings) -> Letter:
    """Return whether weekly new users certainly fall over the last quarter."""
    weeks = settings.slope.weeks
    last = new_users[-weeks:]
    count = sum(last)
    if len(last) < weeks:
        return Letter(None, n=count, note=f"fewer than {weeks} complete weeks")
    if count < settings.advice.minimum_users:
        return Letter(None, n=count, note=f"fewer than {settings.advice.minimum_users} new users")
    if not all(last):
        return Letter(None, n=count, note="a week without new users")
    slope = robust_slope([math.log(users) for users in last], settings.slope).as_rate()
    holds = slope.high < settings.advice.new_users_rate
    return Letter(
        holds, slope.value, slope.low, slope.high, count, "change of weekly new users a week"
    )


def cohorts_weaken(cohorts: Sequence[Share], settings: LifecycleSettings) -> Letter:
    """Return whether the last mature cohorts come back less in week 4 than those before them."""
    rules = settings.advice
    if len(cohorts) < 2 * rules.cohorts:
        return Letter(None, note=f"fewer than {2 * rules.cohorts} mature cohorts")
    newer = pooled(cohorts[-rules.cohorts :])
    older = pooled(cohorts[-2 * rules.cohorts : -rules.cohorts])
    fewest = min(newer.users, older.users)
    if fewest < rules.minimum_users:
        return Letter(None, n=fewest, note=f"fewer than {rules.minimum_users} users in cohorts")
    difference = newer.kept / newer.users - older.kept / older.users
    p_value = two_proportions_p(newer, older)
    variance = _variance(newer) + _variance(older)
    spread = special.ndtri(1 - rules.significance / 2) * math.sqrt(variance)
    return Letter(
        difference < 0 and p_value < rules.significance,
        difference,
        difference - spread,
        difference + spread,
        fewest,
        "change of week-4 retention between older and newer cohorts; n of the smaller side",
    )


def two_proportions_p(first: Share, second: Share) -> float:
    """Return the two-sided p of the pooled two-proportion test; 1 when nothing varies."""
    both = (first.kept + second.kept) / (first.users + second.users)
    variance = both * (1 - both) * (1 / first.users + 1 / second.users)
    if variance == 0:
        return 1.0
    score = (first.kept / first.users - second.kept / second.users) / math.sqrt(variance)
    return float(2 * special.ndtr(-abs(score)))


def net_value(monthly_value: float | None, monthly_cost: float | None) -> Letter:
    """V: what it earns a month less what it costs; holds when that is no loss."""
    if monthly_value is None or monthly_cost is None:
        missing = "monthly_value" if monthly_value is None else "monthly_cost"
        return Letter(None, note=f"give {missing}")
    net = monthly_value - monthly_cost
    return Letter(net >= 0, net, note="monthly_value - monthly_cost")


def users_of_nothing_else(
    users: Share | None, is_alone: bool, settings: LifecycleSettings
) -> Letter:
    """D: many of its users use no other feature; unknown when there is no other."""
    rules = settings.advice
    if is_alone:
        return Letter(None, note="no other feature to use")
    if users is None or users.users < rules.minimum_users:
        count = users.users if users else 0
        return Letter(None, n=count, note=f"fewer than {rules.minimum_users} users in 4 weeks")
    share = users.kept / users.users
    spread = special.ndtri(1 - rules.significance / 2) * math.sqrt(_variance(users))
    return Letter(
        share >= rules.exclusive_rate,
        share,
        max(share - spread, 0.0),
        min(share + spread, 1.0),
        users.users,
        "share of its users of 4 weeks who use no other feature",
    )


def pooled(shares: Sequence[Share]) -> Share:
    """Return the share of all of them together."""
    return Share(sum(share.users for share in shares), sum(share.kept for share in shares))


def share_as_json(share: Share, least: int) -> dict[str, Any]:
    """Return a share for the evidence column; no value where fewer than ``least`` are behind it."""
    is_known = share.users >= max(least, 1)
    return {"value": _rounded(share.kept / share.users) if is_known else None, "n": share.users}


def _variance(share: Share) -> float:
    rate = share.kept / share.users
    return rate * (1 - rate) / share.users


def _rounded(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.6g}")
