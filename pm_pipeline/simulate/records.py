"""From events to records: ids, lateness, duplicates, robots, and the file each record lands in.

Belongs here: every way in which a well-formed record differs from the event it tells of. Does not
belong here: bytes, and records that are broken (``faults``, ``files``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from pm_pipeline.simulate import scenario as plan
from pm_pipeline.simulate.draws import draws
from pm_pipeline.simulate.events import NONE, Events, join, make_events
from pm_pipeline.simulate.people import People

APP, BACKFILL, WEB, PARTNER = "app", "backfill", "web", "partner"
ROBOTS = 3
ORIGINAL, SENT_AGAIN, SENT_CHANGED = 0, 1, 2
_APP, _WEB, _PARTNER = 0, 1, 2


@dataclass(frozen=True)
class LandingFile:
    """A file to be written: where it lies, whose it is, when it was exported."""

    path: str
    source: str
    exported_ms: int


@dataclass(frozen=True)
class Records:
    """The well-formed records; every array is over records, ``event`` points into ``events``."""

    events: Events
    number: np.ndarray  # of each event: its id, unique but for the reused ones
    files: list[LandingFile]
    event: np.ndarray
    received_ms: np.ndarray
    copy: np.ndarray  # ORIGINAL, SENT_AGAIN, or SENT_CHANGED: with other properties
    file: np.ndarray

    def of_file(self, file: int) -> np.ndarray:
        """Return the positions of a file's records in the order they are written."""
        mine = np.flatnonzero(self.file == file)
        order = np.lexsort((self.copy[mine], self.event[mine], self.received_ms[mine]))
        ordered: np.ndarray = mine[order]
        return ordered


def is_robot(events: Events) -> np.ndarray:
    """Tell the events of robots, which have no person."""
    robots: np.ndarray = events.person == NONE
    return robots


def make_records(seed: int, people: People, events: Events, calendar: plan.Calendar) -> Records:
    """Send the events: each once or more, at once or late, into the files of four exports."""
    events = _with_robots(seed, people, events, calendar)
    generator = draws(seed, "records")
    count = len(events)
    at_partner = events.device == NONE
    on_web = ~at_partner & (people.platform[np.minimum(events.device, len(people.platform) - 1)]
                            == plan.WEB) & ~is_robot(events)  # fmt: skip
    on_app = ~at_partner & ~on_web
    number = _numbers(generator, events, on_app)

    lag = 500 + np.floor(generator.exponential(25_000, count)).astype(np.int64)
    late = generator.random(count) < plan.LATE_RATE
    hours = generator.random(count) * (plan.LATE_DAYS * 24 - 1) + 1
    lag = np.where(late, np.floor(hours * plan.HOUR_MS).astype(np.int64), lag)
    # What would arrive after the last export arrives just in time for it.
    received = np.minimum(events.at_ms + lag, np.maximum(events.at_ms, calendar.end_ms - 1))

    every = np.arange(count)
    exact = np.flatnonzero(~at_partner & (generator.random(count) < plan.EXACT_DUPLICATE_RATE))
    changed = np.flatnonzero(on_app & (generator.random(count) < plan.CHANGED_DUPLICATE_RATE))
    wait = np.floor((1 + generator.random(len(changed)) * 60) * plan.HOUR_MS).astype(np.int64)
    again = received[changed] + wait
    changed, again = changed[again < calendar.end_ms], again[again < calendar.end_ms]
    event = np.concatenate([every, exact, changed])
    received = np.concatenate([received, received[exact], again])
    copy = np.repeat([ORIGINAL, SENT_AGAIN, SENT_CHANGED], [len(every), len(exact), len(changed)])
    source = np.where(on_app, _APP, np.where(on_web, _WEB, _PARTNER))[event]
    return _into_files(events, number, calendar, (event, received, copy, source))


def _with_robots(seed: int, people: People, events: Events, calendar: plan.Calendar) -> Events:
    """Add robots on devices of their own, and a partner's customers who click twice."""
    generator = draws(seed, "robots")
    size = max(1, round(plan.BOT_RATE * len(events)))
    at_ms = calendar.midnights[1] + np.floor(
        generator.random(size) * (calendar.end_ms - calendar.midnights[1] - plan.DAY_MS)
    ).astype(np.int64)
    device = len(people.platform) + np.floor(generator.random(size) * ROBOTS).astype(np.int64)
    robots = make_events(at_ms, np.full(size, NONE), device, plan.CODE["app_opened"])
    tickets = np.flatnonzero(events.device == NONE)
    twice = tickets[generator.random(len(tickets)) < plan.DOUBLE_CLICK_RATE]
    return join([events, robots, events.take(twice)])


def _numbers(generator: np.random.Generator, events: Events, on_app: np.ndarray) -> np.ndarray:
    """Number the events, scattered over 48 bits; a few old numbers come again on their device."""
    number = (np.arange(1, len(events) + 1) * 0x9E3779B97F4B) % (1 << 48)
    reused = np.flatnonzero(on_app & (generator.random(len(events)) < plan.REUSED_ID_RATE))
    gap = (plan.DUPLICATE_WINDOW_DAYS + plan.LATE_DAYS + 4) * plan.DAY_MS
    used: set[int] = set()
    for first in reused.tolist():
        later = np.flatnonzero(
            (events.device == events.device[first]) & (events.at_ms > events.at_ms[first] + gap)
        )
        if len(later) and not {first, int(later[0])} & used:
            number[later[0]] = number[first]
            used |= {first, int(later[0])}
    return number


def _into_files(
    events: Events,
    number: np.ndarray,
    calendar: plan.Calendar,
    columns: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
) -> Records:
    """Place the records: weekly app files, an older backfill, monthly web and partner files."""
    event, received, copy, source = columns
    day = np.minimum(calendar.day(received), calendar.days - 1)
    months = np.array(
        [
            12 * when.year + when.month
            for when in map(calendar.date_of, range(-1, calendar.days + 1))
        ]
    )
    backfill_days = min(56, calendar.days // 5)
    overlap_days = min(7, backfill_days // 2)
    in_backfill = (source == _APP) & (day < backfill_days)
    in_weekly = (source == _APP) & (day >= backfill_days - overlap_days)
    event_day = calendar.day(events.at_ms)[event]
    month = np.where(source == _PARTNER, months[event_day + 1], months[day + 1])
    # The partner exports a month and the first two days of the next: the files overlap.
    early = np.array([calendar.date_of(int(each)).day <= 2 for each in range(calendar.days)])
    in_previous = (source == _PARTNER) & early[event_day] & (month > months[1])

    files: list[LandingFile] = []
    parts: list[tuple[np.ndarray, int]] = []
    backfilled = np.flatnonzero(in_backfill)

    def place(records: np.ndarray, path: str, name: str, exported_day: int) -> None:
        if len(records):
            parts.append((records, len(files)))
            exported = calendar.midnight_ms(min(exported_day, calendar.days)) + 2 * plan.HOUR_MS
            files.append(LandingFile(path, name, exported))

    until = calendar.date_of(backfill_days - 1)
    place(backfilled, f"backfill/app-events-until-{until}.parquet", BACKFILL, backfill_days)
    for week in range(calendar.weeks):
        monday, name = 7 * week - calendar.weekday0, f"{calendar.monday(week)}"
        here = np.flatnonzero(in_weekly & (calendar.week(day) == week))
        place(here, f"app/{name[:4]}/app-events-{name}.jsonl.gz", APP, monday + 7)
    for each in np.unique(months[1 : calendar.days + 1]).tolist():
        year, number_ = divmod(each - 1, 12)
        name = f"{year}-{number_ + 1:02d}"
        next_month = date(year, number_ + 1, 28) + timedelta(days=4)
        end = (next_month.replace(day=1) - calendar.first_day).days
        here = np.flatnonzero((source == _WEB) & (month == each))
        place(here, f"web/web-events-{name}.csv", WEB, end)
        also = in_previous & (month == each + 1)
        here = np.flatnonzero((source == _PARTNER) & ((month == each) | also))
        place(here, f"partner/tickets-{name}.csv", PARTNER, end + 2)
    at = np.concatenate([records for records, _ in parts])
    file = np.concatenate([np.full(len(records), index) for records, index in parts])
    arrived = received[at].copy()
    # The old system stored its overlapping copies a day later: the weekly files' ones are first.
    doubled = np.isin(at, backfilled) & in_weekly[at]
    arrived[doubled & (file == 0)] += plan.DAY_MS
    return Records(
        events=events,
        number=number,
        files=files,
        event=event[at],
        received_ms=arrived,
        copy=copy[at],
        file=file,
    )
