"""When a group-sequential experiment may be read.

Belongs here: which planned looks have come, and on which day. Does not belong here: the boundaries.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from pm_pipeline.analysis.experiments.boundaries import Looks


@dataclass(frozen=True)
class Reached:
    """The looks that have come, and the product day at whose end the last one cuts the data."""

    looks: Looks
    cut_at: date


def reached_looks(
    planned: Sequence[float],
    planned_users: int,
    closed_by_day: Mapping[date, int],
    *,
    has_ended: bool = False,
) -> Reached | None:
    """Return the looks so far; None before the first.

    A look comes at the end of the first product day with enough closed units; a day that brings
    enough for several brings the last of them. When no unit can close any more, the end is the
    last look, however few units came: waiting longer would never answer.

    Args:
        planned: Shares of the planned units, rising.
        planned_users: Units of all arms.
        closed_by_day: Units closed by the end of each product day, over all arms.
        has_ended: Whether the last window has closed.
    """
    days = sorted(closed_by_day)
    fractions: list[float] = []
    cut_at: date | None = None
    waiting = list(planned)
    for day in days:
        fraction = closed_by_day[day] / planned_users
        if not waiting or fraction < waiting[0]:
            continue
        waiting = [share for share in waiting if share > fraction]
        fractions.append(fraction)
        cut_at = day
    if has_ended and waiting and days and closed_by_day[days[-1]]:
        fraction = closed_by_day[days[-1]] / planned_users
        if not fractions or fraction > fractions[-1]:
            fractions.append(fraction)
            cut_at = next(day for day in days if closed_by_day[day] == closed_by_day[days[-1]])
        waiting = []
    if cut_at is None:
        return None
    return Reached(Looks(tuple(fractions), is_last=not waiting), cut_at)
