"""Generated events: deterministic landing files of any size, made by SQL.

Belongs here: which records there are and how they are written. Does not belong here: homes and
runs. All randomness is a hash of an event's number and the seed (``sql/visits.sql``).
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import duckdb

QUERIES = Path(__file__).with_name("sql")
FIRST_DAY = date(2024, 1, 1)
EVENTS_PER_USER = 70
BLOCK_EVENTS, BLOCK_VISITS = 24, 6
"""As in ``sql/visits.sql``."""
LOOK_BACK_DAYS = 10
"""A copy of a late event arrives at most 8 days and a visit after its event."""
SETTLED_SECONDS = 3600
"""Files are dated so long ago: a run leaves files alone that changed in the last seconds."""


@dataclass(frozen=True)
class Scale:
    """How many events there are: ``events`` over ``days``, as many each day, and after it too."""

    events: int
    days: int
    seed: int = 1
    users: int | None = None
    """Default: one per 70 events, at least 20."""

    @property
    def users_count(self) -> int:
        """Return how many people the events are drawn from."""
        return self.users or max(20, self.events // EVENTS_PER_USER)

    def first_event_of(self, day: int) -> int:
        """Return the number of the first event of a day; a day begins with a block of visits."""
        blocks = -(-day * self.events // (self.days * BLOCK_EVENTS))
        return max(0, blocks * BLOCK_EVENTS)

    def with_daily_events(self, events: int) -> Scale:
        """Return other events by the same people, so many each day."""
        return replace(self, events=events * self.days, seed=self.seed + 1, users=self.users_count)


class Generator:
    """Makes the landing files of one scale. Days are counted from 0, ``FIRST_DAY``."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, scale: Scale, known_days: int
    ) -> None:
        """Work on ``connection``; a device's first visit is looked for in the first days."""
        self._connection = connection
        self._scale = scale
        self._use(scale)
        connection.execute(_query("visits"))
        visits = scale.first_event_of(known_days) // BLOCK_EVENTS * BLOCK_VISITS
        connection.execute(_query("first_visits"), {"visits": visits})

    def write_days(self, path: Path, first: int, until: int, *, scale: Scale | None = None) -> Path:
        """Write one file of the records received on days ``first`` to ``until`` (exclusive).

        Its suffix decides the format: .parquet or .jsonl. ``scale`` takes events of another
        number and seed by the same people.
        """
        used = scale or self._scale
        self._use(used)
        return self._copy(
            path,
            used.first_event_of(first - LOOK_BACK_DAYS),
            used.first_event_of(until),
            FIRST_DAY + timedelta(days=first),
            FIRST_DAY + timedelta(days=until),
        )

    def write_months(self, folder: Path, until: int, suffix: str = ".parquet") -> Sequence[Path]:
        """Write one file per calendar month of receipt, for days 0 to ``until`` (exclusive)."""
        return [
            self.write_days(folder / f"{month:%Y-%m}{suffix}", first, end)
            for month, first, end in _months(until)
        ]

    def write_all(self, path: Path) -> Path:
        """Write one file of every record of the scale's events, whenever it is received."""
        self._use(self._scale)
        return self._copy(
            path,
            0,
            self._scale.events,
            FIRST_DAY,
            FIRST_DAY + timedelta(days=self._scale.days + LOOK_BACK_DAYS),
        )

    def write_one(self, path: Path, day: int, *, received_day: int) -> Path:
        """Write one event of ``day`` by a person of their own, received on a later day."""
        at = FIRST_DAY + timedelta(days=day)
        received = FIRST_DAY + timedelta(days=received_day)
        self._connection.execute(
            f"copy ({_query('one_record')}) to '{_quoted(path)}' ({_options(path)})",
            {"event_at": at, "received_at": received, "name": f"{day}-{received_day}"},
        )
        return _settled(path)

    def write_exposures(self, path: Path, **planned: int) -> Path:
        """Write one file of the events that show everybody a variant of one experiment.

        ``planned``: how many ``experiments`` of how many ``arms`` there are, over how many days
        their starts are ``spread``, for how many days each is ``running``.
        """
        self._use(self._scale)
        self._connection.execute(
            f"copy ({_query('exposures')}) to '{_quoted(path)}' ({_options(path)})", planned
        )
        return _settled(path)

    def _use(self, scale: Scale) -> None:
        values: dict[str, object] = {
            "seed": scale.seed,
            "users": scale.users_count,
            "days": scale.days,
            "events": scale.events,
        }
        for name, value in values.items():
            self._connection.execute(f"set variable {name} = cast({value} as bigint)")
        self._connection.execute(f"set variable first_day = timestamp '{FIRST_DAY}'")

    def _copy(
        self, path: Path, event_from: int, event_until: int, received_from: date, until: date
    ) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._connection.execute(
            f"copy ({_query('records')}) to '{_quoted(path)}' ({_options(path)})",
            {
                "event_from": event_from,
                "event_until": event_until,
                "received_from": received_from,
                "received_until": until,
            },
        )
        return _settled(path)


@contextmanager
def open_generator(scale: Scale, *, known_days: int | None = None) -> Iterator[Generator]:
    """Open a generator; ``known_days`` (default: the scale's) as in ``Generator``."""
    with duckdb.connect() as connection:
        connection.execute("set memory_limit = '2GB'")
        yield Generator(connection, scale, known_days or scale.days)


def _months(until: int) -> Iterator[tuple[date, int, int]]:
    first = 0
    while first < until:
        start = FIRST_DAY + timedelta(days=first)
        next_month = (start.replace(day=1) + timedelta(days=32)).replace(day=1)
        end = min(until, (next_month - FIRST_DAY).days)
        yield start, first, end
        first = end


def _options(path: Path) -> str:
    return "format parquet, compression zstd" if path.suffix == ".parquet" else "format json"


def _settled(path: Path) -> Path:
    then = time.time() - SETTLED_SECONDS
    os.utime(path, (then, then))
    return path


def _query(name: str) -> str:
    return (QUERIES / f"{name}.sql").read_text(encoding="utf-8")


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
