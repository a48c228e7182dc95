"""What people do without any feature or experiment: sessions, songs, likes, searches, sign-ups.

Belongs here: sessions and the plain events inside them, and when a device knows its person.
Does not belong here: feature use (``features``), exposures and treated outcomes
(``experiments``).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pm_pipeline.simulate import scenario as plan
from pm_pipeline.simulate.draws import draws, ranks_within
from pm_pipeline.simulate.events import Events, join, make_events
from pm_pipeline.simulate.people import BEFORE, People

NEVER = np.iinfo(np.int64).max
ALWAYS = np.iinfo(np.int64).min


@dataclass(frozen=True)
class Sessions:
    """Visits in order of person and start; ``sign_up_ms`` is per person."""

    person: np.ndarray
    start_ms: np.ndarray
    day: np.ndarray
    week: np.ndarray
    device: np.ndarray
    signed_from_ms: np.ndarray  # events of the session carry the user id from then on
    sign_up_ms: np.ndarray  # NEVER, or ALWAYS for those who signed up before the sample

    def __len__(self) -> int:
        """Return the number of sessions."""
        return len(self.person)


def make_sessions(seed: int, people: People, calendar: plan.Calendar) -> tuple[Sessions, Events]:
    """Draw the sessions, and the events ``sign_up`` and ``signed_in`` that mark the accounts."""
    person, day = _active_days(seed, people, calendar)
    generator = draws(seed, "sessions")
    again = generator.random(len(person)) < plan.SECOND_SESSION_RATE
    person, day = np.concatenate([person, person[again]]), np.concatenate([day, day[again]])
    start = calendar.at_local(day, _local_ms(generator, day, calendar))
    order = np.lexsort((start, person))
    person, day, start = person[order], day[order], start[order]

    # The account: made in the first session that is late enough, if there ever is one.
    delay = people.sign_up_delay[person]
    ready = (delay > 0) & (day >= people.arrival[person] + delay)
    ready |= (delay == 0) & (people.arrival[person] != BEFORE)
    first_ready = np.full(people.count, len(person))
    np.minimum.at(first_ready, person[ready], np.flatnonzero(ready))
    sign_up = np.full(people.count, NEVER)
    sign_up[people.arrival == BEFORE] = ALWAYS
    pause = 60_000 + np.floor(generator.random(people.count) * 120_000).astype(np.int64)
    done = first_ready < len(person)
    sign_up[done] = start[first_ready[done]] + pause[done]

    on_second = (
        (people.second_device[person] >= 0)
        & (day >= people.second_from[person])
        & (start > sign_up[person])
        & (generator.random(len(person)) < plan.SECOND_DEVICE_RATE)
    )
    device = np.where(on_second, people.second_device[person], person)

    # One signs in on an own second device in its first visit, or only in its second.
    signed_from = np.where(device == person, sign_up[person], ALWAYS)
    second = np.flatnonzero(on_second & ~people.is_second_shared[person])
    visit = ranks_within(person[second])
    wanted_visit = (generator.random(people.count) < plan.LATE_SIGN_IN_SHARE).astype(np.int64)
    sign_in_at = second[visit == wanted_visit[person[second]]]
    login = np.full(people.count, NEVER)
    login[person[sign_in_at]] = start[sign_in_at] + 45_000
    signed_from[second] = login[person[second]]
    is_signed_session = generator.random(len(person)) < plan.SIGNED_SESSION_RATE
    marks = (start <= signed_from) & (signed_from < start + plan.HOUR_MS)
    shared = on_second & people.is_second_shared[person]
    signed_from = np.where(is_signed_session | marks | shared, signed_from, NEVER)
    sessions = Sessions(
        person=person,
        start_ms=start,
        day=day,
        week=calendar.week(day),
        device=device,
        signed_from_ms=signed_from,
        sign_up_ms=sign_up,
    )
    marked = [
        make_events(
            times[who], person[at], device[at], plan.CODE[name],
            session=at, signed=np.ones(len(at), dtype=bool),
        )
        for name, times, at, who in (
            ("sign_up", sign_up, first_ready[done], np.flatnonzero(done)),
            ("signed_in", login, sign_in_at, person[sign_in_at]),
        )
    ]  # fmt: skip
    return sessions, join(marked)


def _active_days(
    seed: int, people: People, calendar: plan.Calendar
) -> tuple[np.ndarray, np.ndarray]:
    """Draw the days of each active week: by weekday, at least one, always the day of arrival."""
    generator = draws(seed, "active days")
    chance = np.array([kind.day for kind in plan.KINDS])[people.kind]
    persons, days = [], []
    for week in range(calendar.weeks):
        who = np.flatnonzero(people.active_weeks[week])
        luck = generator.random((len(who), 7)) / plan.WEEKDAY_WEIGHTS
        day = 7 * week - calendar.weekday0 + np.arange(7)
        possible = (day[None, :] >= people.arrival[who, None]) & (day >= 0) & (day < calendar.days)
        luck = np.where(possible, luck, np.inf)
        arrives = people.arrival[who, None] == day
        # Somebody whose first day it is needs no second one to have been active this week.
        luckiest = (luck == luck.min(axis=1, keepdims=True)) & ~arrives.any(axis=1, keepdims=True)
        active = possible & ((luck < chance[who, None]) | luckiest | arrives)
        at, offset = np.nonzero(active)
        persons.append(who[at])
        days.append(day[offset])
    return np.concatenate(persons), np.concatenate(days)


def _local_ms(
    generator: np.random.Generator, day: np.ndarray, calendar: plan.Calendar
) -> np.ndarray:
    """Draw clock readings by the rhythm of working and weekend days."""
    weekend = (day + calendar.weekday0) % 7 >= 5
    luck = generator.random(len(day))
    hour = np.zeros(len(day), dtype=np.int64)
    for is_weekend, weights in ((False, plan.WORKDAY_HOURS), (True, plan.WEEKEND_HOURS)):
        mine = weekend == is_weekend
        edges = np.cumsum(weights / weights.sum())[:-1]
        hour[mine] = np.searchsorted(edges, luck[mine], side="right")
    inside = np.floor(generator.random(len(day)) * plan.HOUR_MS).astype(np.int64)
    return hour * plan.HOUR_MS + inside


def make_plain_events(seed: int, people: People, sessions: Sessions) -> Events:
    """Draw what happens in the sessions: an opening, songs, some searches and likes."""
    generator = draws(seed, "plain events")
    count = len(sessions)
    every = np.arange(count)
    on_web = people.platform[sessions.device] == plan.WEB
    opened = inside_sessions(
        sessions, every, np.zeros(count, dtype=np.int64),
        name=np.where(on_web, plan.CODE["page_viewed"], plan.CODE["app_opened"]),
    )  # fmt: skip
    mean = np.array([kind.songs for kind in plan.KINDS])[people.kind[sessions.person]]
    songs = generator.poisson(mean)
    at = np.repeat(every, songs)
    seconds = 60 + np.floor(generator.gamma(6.0, 25.0, len(at))).astype(np.int64)
    position = ranks_within(at)
    offset = 20_000 + position * 290_000
    offset = offset + np.floor(generator.random(len(at)) * 200_000).astype(np.int64)
    played = inside_sessions(sessions, at, offset, name=plan.CODE["song_played"], seconds=seconds)
    liked = generator.random(len(at)) < plan.LIKE_RATE
    likes = inside_sessions(
        sessions, at[liked], offset[liked] + 31_000, name=plan.CODE["song_liked"]
    )
    searched = np.flatnonzero(generator.random(count) < plan.SEARCH_RATE)
    pause = 4_000 + np.floor(generator.random(len(searched)) * 9_000).astype(np.int64)
    searches = inside_sessions(sessions, searched, pause, name=plan.CODE["song_searched"])
    return join([opened, played, likes, searches])


def inside_sessions(
    sessions: Sessions,
    at: np.ndarray,
    offset: np.ndarray,
    name: int | np.ndarray,
    **columns: np.ndarray,
) -> Events:
    """Return events ``offset`` milliseconds into the sessions ``at``; signed as the session is."""
    when = sessions.start_ms[at] + offset
    events = make_events(when, sessions.person[at], sessions.device[at], 0, session=at, **columns)
    signed = when >= sessions.signed_from_ms[at]
    return events.with_columns(name=np.broadcast_to(name, len(at)).copy(), signed=signed)
