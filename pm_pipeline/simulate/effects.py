"""The true and the observable effects of the planted experiments.

Belongs here: potential outcomes, realised in this sample, and what the same data shows to an
observer who follows the documented rules (first exposure, exact windows, switchers excluded).
Does not belong here: planting them (``experiments``).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from pm_pipeline.simulate import scenario as plan
from pm_pipeline.simulate.events import Events
from pm_pipeline.simulate.experiments import WINDOW_MS, Planted

Document = dict[str, Any]
METRICS = {"songs": "song_played", "likes": "song_liked"}


class Counter:
    """Counts events of one name per person inside half-open windows."""

    def __init__(self, who: np.ndarray, at_ms: np.ndarray) -> None:
        """Order the events by person and time."""
        self._origin = int(at_ms.min(initial=0))
        self._span = int(at_ms.max(initial=0)) - self._origin + 2
        self._keys = np.sort(who * self._span + (at_ms - self._origin))

    def count(self, who: np.ndarray, low_ms: np.ndarray, high_ms: np.ndarray) -> np.ndarray:
        """Return how many events each of ``who`` has in [low, high)."""
        low = np.clip(low_ms - self._origin, 0, self._span - 1)
        high = np.clip(high_ms - self._origin, 0, self._span - 1)
        until = np.searchsorted(self._keys, who * self._span + high)
        since = np.searchsorted(self._keys, who * self._span + low)
        counts: np.ndarray = until - since
        return counts


def experiment_truths(
    events: Events,
    resolved: np.ndarray,
    planted: list[Planted],
    calendar: plan.Calendar,
    people_count: int,
) -> Document:
    """Return the planted and the realised effects of every experiment."""
    truths: Document = {}
    for code, each in enumerate(planted):
        definition = each.definition
        first, last = calendar.day(np.array([each.start_ms, each.end_ms])).tolist()
        truths[definition.name] = {
            "truth": definition.truth,
            "start": str(calendar.date_of(first)),
            "end": str(calendar.date_of(last)),
            "variants": dict.fromkeys(definition.variants, 0.5),
            "metric_window_days": plan.METRIC_WINDOW_DAYS,
            "primary": "songs",
            "guardrail": "likes",
            "planted": {
                "treated_share": definition.treated_share,
                "songs_lift_first_week": definition.lift,
                "songs_lift_second_week": definition.lift * definition.second_week,
                "likes_lift": 0.0 - definition.likes_lost,
            },
            "potential_outcomes": _potential(events, each),
            "observed": _observed(events, resolved, code, each, people_count),
        }
    return truths


def _potential(events: Events, planted: Planted) -> Document:
    """Return both outcomes of the exposed people, the other experiments being as they were.

    Units are the simulation's people; the sample's average effect is a fact, not an estimate.
    """
    low, high = planted.exposed_ms, planted.exposed_ms + WINDOW_MS
    found: Document = {
        "people": len(planted.person),
        "treated": int(planted.is_treated.sum()),
    }
    changes = {"songs": planted.songs_added, "likes": -planted.likes_lost}
    for metric, name in METRICS.items():
        mine = events.name == plan.CODE[name]
        counter = Counter(events.person[mine], events.at_ms[mine])
        seen = counter.count(planted.person, low, high)
        change = changes[metric]
        untreated = seen - np.where(planted.is_treated, change, 0)
        treated = untreated + change
        found[metric] = {
            "mean_untreated": _mean(untreated),
            "mean_treated": _mean(treated),
            "average_effect": _mean(change),
            "lift": _ratio(change.sum(), untreated.sum()),
            "difference_of_arms": _difference(treated, untreated, planted.is_treated),
        }
    return found


def _observed(
    events: Events, resolved: np.ndarray, code: int, planted: Planted, people_count: int
) -> Document:
    """Return what an observer counts: units by resolved identity, as ``rules.md`` 5 has it."""
    mine = np.flatnonzero(events.experiment == code)
    order = mine[np.lexsort((events.at_ms[mine], resolved[mine]))]
    unit, at = np.unique(resolved[order], return_index=True)
    exposed = events.at_ms[order][at]
    variant = events.variant[order][at]
    most = np.maximum.reduceat(events.variant[order], at) if len(at) else at
    least = np.minimum.reduceat(events.variant[order], at) if len(at) else at
    early = exposed < planted.start_ms
    switched = (most != least) & ~early
    low, high = exposed, exposed + WINDOW_MS
    values = {}
    for metric, name in METRICS.items():
        named = events.name == plan.CODE[name]
        values[metric] = Counter(resolved[named], events.at_ms[named]).count(unit, low, high)
    names = planted.definition.variants
    treated = variant == 1
    exposed_once = [int((~early & (variant == arm)).sum()) for arm in (0, 1)]
    found: Document = {
        "exposed_before_start": int(early.sum()),
        "exposed_units": dict(zip(names, exposed_once, strict=True)),
        "anonymous_units": int((~early & (unit >= people_count)).sum()),
        "switchers": int(switched.sum()),
        "sample_ratio_p_value": _even_split_p(*exposed_once),
        "is_closed_for_all": bool((high <= events.at_ms.max()).all()),
    }
    for analysis_set, chosen in (("default", ~early & ~switched), ("first_variant", ~early)):
        found[analysis_set] = {
            "units": {
                name: int((chosen & (variant == arm)).sum()) for arm, name in enumerate(names)
            }
        }
        for metric, value in values.items():
            found[analysis_set][metric] = {
                "means": {
                    name: _mean(value[chosen & (variant == arm)]) for arm, name in enumerate(names)
                },
                "standard_deviations": {
                    name: _deviation(value[chosen & (variant == arm)])
                    for arm, name in enumerate(names)
                },
                "difference": _difference(value[chosen], value[chosen], treated[chosen]),
            }
    found["power_listener_rate_28_days_later"] = _persona(
        events,
        resolved,
        unit,
        exposed,
        {name: ~early & (variant == arm) for arm, name in enumerate(names)},
    )
    return found


def _persona(
    events: Events,
    resolved: np.ndarray,
    unit: np.ndarray,
    exposed: np.ndarray,
    arms: dict[str, np.ndarray],
) -> Document:
    """Return each arm's share of power listeners after exposure: a persona treatment can change."""
    days = np.unique(resolved * 1_000_000 + events.at_ms // plan.DAY_MS)
    who, at_ms = days // 1_000_000, days % 1_000_000 * plan.DAY_MS
    active = Counter(who, at_ms).count(unit, exposed, exposed + 28 * plan.DAY_MS)
    return {name: _mean((active >= plan.PERSONA_DAYS)[mine]) for name, mine in arms.items()}


def _mean(values: np.ndarray) -> float | None:
    return round(float(values.mean()), 6) if len(values) else None


def _deviation(values: np.ndarray) -> float | None:
    return round(float(values.std(ddof=1)), 6) if len(values) > 1 else None


def _ratio(above: float, below: float) -> float | None:
    return round(float(above) / float(below), 6) if below else None


def _difference(treated: np.ndarray, untreated: np.ndarray, is_treated: np.ndarray) -> float | None:
    """Return the mean of ``treated`` over the treated minus that of ``untreated`` over the rest."""
    if not is_treated.any() or is_treated.all():
        return None
    return round(float(treated[is_treated].mean() - untreated[~is_treated].mean()), 6)


def _even_split_p(control: int, treated: int) -> float | None:
    """Return the p-value of a 50/50 split (chi-squared, one degree of freedom)."""
    total = control + treated
    if not total:
        return None
    squared = (control - treated) ** 2 / total
    return float(f"{math.erfc(math.sqrt(squared / 2)):.6g}")
