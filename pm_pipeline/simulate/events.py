"""The table of simulated events: columns of equal length, and how to join and order them.

Belongs here: the shape. Does not belong here: where events come from.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np

NONE = -1


@dataclass(frozen=True)
class Events:
    """One row per event that happened; indexes are into the lists of ``scenario``."""

    at_ms: np.ndarray  # UTC milliseconds
    person: np.ndarray
    device: np.ndarray  # NONE: the record knows no device (a partner's)
    name: np.ndarray
    session: np.ndarray  # NONE: none of the listed sessions
    seconds: np.ndarray  # listened; NONE: does not apply
    score: np.ndarray  # answered; NONE: no answer
    experiment: np.ndarray  # of an exposure
    variant: np.ndarray
    added_by: np.ndarray  # the experiment whose treatment caused the event, else NONE
    signed: np.ndarray  # bool: the record carries the person's user id

    def __len__(self) -> int:
        """Return the number of events."""
        return len(self.at_ms)

    def take(self, which: np.ndarray) -> Events:
        """Return the events of a mask or of positions."""
        return Events(**{field.name: getattr(self, field.name)[which] for field in fields(self)})

    def with_columns(self, **columns: np.ndarray) -> Events:
        """Return the same events with some columns replaced."""
        return replace(self, **columns)


def make_events(
    at_ms: np.ndarray, person: np.ndarray, device: np.ndarray, name: int, **columns: np.ndarray
) -> Events:
    """Return events of one name; columns not given are absent (NONE, unsigned)."""
    size = len(at_ms)
    filled = {
        "name": np.full(size, name),
        **{
            key: np.full(size, NONE)
            for key in ("session", "seconds", "score", "experiment", "variant", "added_by")
        },
        "signed": np.zeros(size, dtype=bool),
        **columns,
    }
    return Events(at_ms=at_ms, person=person, device=device, **filled)


def join(parts: list[Events]) -> Events:
    """Return all events of ``parts`` in time order (ties as given)."""
    columns = {
        field.name: np.concatenate([getattr(part, field.name) for part in parts])
        for field in fields(Events)
    }
    order = np.argsort(columns["at_ms"], kind="stable")
    return Events(**{name: column[order] for name, column in columns.items()})


def separate_instants(events: Events) -> Events:
    """Move events of one device off a shared millisecond.

    At one instant the rules order by event id, which only the pipeline knows; the truths must not
    depend on it. A partner's records, without a device, take no part in identity and keep theirs.
    """
    while True:
        order = np.lexsort((events.at_ms, events.device))
        same = (np.diff(events.device[order]) == 0) & (np.diff(events.at_ms[order]) == 0)
        same &= events.device[order][1:] != NONE
        if not same.any():
            return join([events])
        moved = events.at_ms.copy()
        moved[order[1:][same]] += 1
        events = events.with_columns(at_ms=moved)
