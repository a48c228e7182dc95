"""Four experiments planted as potential outcomes: what each exposed person does either way.

Belongs here: who is exposed when, the variant, and the events that a treatment adds or takes
away, drawn for everybody and applied to the treated. Does not belong here: what the pipeline will
observe of it (``truths``).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pm_pipeline.simulate import scenario as plan
from pm_pipeline.simulate.activity import NEVER, Sessions, inside_sessions
from pm_pipeline.simulate.draws import draws
from pm_pipeline.simulate.events import NONE, Events, join, make_events
from pm_pipeline.simulate.people import People

WINDOW_MS = plan.METRIC_WINDOW_DAYS * plan.DAY_MS


@dataclass(frozen=True)
class Planted:
    """One experiment's people with both outcomes' ingredients (arrays over ``person``)."""

    definition: plan.Experiment
    start_ms: int
    end_ms: int
    person: np.ndarray
    exposed_ms: np.ndarray
    is_treated: np.ndarray
    songs_added: np.ndarray  # by treatment, whether or not treated
    likes_lost: np.ndarray


@dataclass(frozen=True)
class Outcome:
    """All events after the treatments, and what was planted."""

    events: Events
    planted: list[Planted]


def bounds(definition: plan.Experiment, calendar: plan.Calendar) -> tuple[int, int]:
    """Return the first day of an experiment and the day after its last one."""
    first = int(calendar.days * definition.starts)
    return first, max(first + 1, int(calendar.days * definition.ends))


def run_experiments(
    seed: int, people: People, sessions: Sessions, plain: Events, calendar: plan.Calendar
) -> Outcome:
    """Expose people to the four experiments and let the treatments change ``plain``."""
    kept = np.ones(len(plain), dtype=bool)
    parts, planted = [], []
    for code, definition in enumerate(plan.EXPERIMENTS):
        generator = draws(seed, f"experiment {definition.name}")
        first, end = bounds(definition, calendar)
        start_ms, end_ms = (int(calendar.start_of(np.array(day))) for day in (first, end))
        exposures, early = _exposures(
            generator, code, definition, people, sessions, (first, end), calendar
        )
        parts.append(exposures)
        inside = exposures.take((exposures.at_ms >= start_ms) & ~early[exposures.person])
        person, at = np.unique(inside.person, return_index=True)  # in time order: the first
        exposed_ms, treated = inside.at_ms[at], inside.variant[at] == 1
        added = _added_songs(
            generator, code, definition, people, sessions, plain, (person, exposed_ms)
        )
        added = added.take(added.at_ms < calendar.end_ms)
        lost = _lost_likes(generator, definition, people, plain, (person, exposed_ms))
        is_treated = np.zeros(people.count, dtype=bool)
        is_treated[person[treated]] = True
        kept &= ~(lost & is_treated[plain.person])
        parts.append(added.take(is_treated[added.person]))
        planted.append(
            Planted(
                definition=definition,
                start_ms=start_ms,
                end_ms=end_ms,
                person=person,
                exposed_ms=exposed_ms,
                is_treated=treated,
                songs_added=np.bincount(added.person, minlength=people.count)[person],
                likes_lost=np.bincount(plain.person[lost], minlength=people.count)[person],
            )
        )
    return Outcome(join([plain.take(kept), *parts]), planted)


def _exposures(
    generator: np.random.Generator,
    code: int,
    definition: plan.Experiment,
    people: People,
    sessions: Sessions,
    days: tuple[int, int],
    calendar: plan.Calendar,
) -> tuple[Events, np.ndarray]:
    """Return the exposure events in time order, and who was exposed before the start."""
    variant = (generator.random(people.count) < definition.treated_share).astype(np.int64)
    again = generator.random(len(sessions)) < plan.REEXPOSED_RATE
    inside = (sessions.day >= days[0]) & (sessions.day < days[1])
    is_second = (sessions.device != sessions.person) & ~people.is_second_shared[sessions.person]
    early = np.zeros(people.count, dtype=bool)
    if definition.newcomers_only:
        # Whoever opens the product on a device that has not signed in looks like a newcomer:
        # a listener's second device is exposed too, by a draw of its own, and is merged into
        # the person by the later sign-in.
        new_here = sessions.signed_from_ms > sessions.start_ms
        arrives = (sessions.day == people.arrival[sessions.person]) & new_here & ~is_second
        at = np.flatnonzero(inside & (arrives | (is_second & new_here)))
        key = sessions.device[at]
        other = (generator.random(people.count) < definition.treated_share).astype(np.int64)
        drawn = np.where(is_second, other[sessions.person], variant[sessions.person])
    else:
        signed = sessions.signed_from_ms <= sessions.start_ms
        staff = np.flatnonzero(
            (sessions.day < days[0])
            & (sessions.day >= days[0] - 3)
            & signed
            & (generator.random(len(sessions)) < plan.STAFF_RATE)
        )
        early[sessions.person[staff]] = True
        at = np.concatenate([staff, np.flatnonzero(inside & signed)])
        key = sessions.person[at]
        drawn = variant[sessions.person]
    order = np.lexsort((sessions.start_ms[at], key))
    at, key = at[order], key[order]
    is_first = np.concatenate([[True], key[1:] != key[:-1]])[: len(at)]
    first_start = np.zeros(len(people.platform), dtype=np.int64)
    first_start[key[is_first]] = sessions.start_ms[at[is_first]]
    soon = sessions.start_ms[at] < first_start[key] + 5 * plan.DAY_MS
    at = at[is_first | (again[at] & soon)]
    pause = np.full(len(at), 2_000)
    found = inside_sessions(sessions, at, pause, name=plan.CODE["experiment_exposed"])
    found = found.with_columns(experiment=np.full(len(at), code), variant=drawn[at])
    return join([found]), early


def _window_of(
    people: People, units: tuple[np.ndarray, np.ndarray], events: Events
) -> tuple[np.ndarray, np.ndarray]:
    """Return for each event its person's exposure time, and whether it lies in the window."""
    exposed = np.full(people.count, NEVER)
    exposed[units[0]] = units[1]
    since = exposed[events.person]
    return since, (since != NEVER) & (events.at_ms >= since) & (events.at_ms - since < WINDOW_MS)


def _added_songs(
    generator: np.random.Generator,
    code: int,
    definition: plan.Experiment,
    people: People,
    sessions: Sessions,
    plain: Events,
    units: tuple[np.ndarray, np.ndarray],
) -> Events:
    """Draw the songs that the treatment would add for each exposed person."""
    since, inside = _window_of(people, units, plain)
    songs = np.flatnonzero(inside & (plain.name == plan.CODE["song_played"]))
    second_half = plain.at_ms[songs] - since[songs] >= WINDOW_MS // 2
    rate = definition.lift * np.where(second_half, definition.second_week, 1.0)
    source = np.repeat(songs, generator.poisson(rate))
    after = 15_000 + np.floor(generator.random(len(source)) * 900_000).astype(np.int64)
    away = generator.random(len(source)) < definition.new_session_rate
    # A session of its own: the same hours on another day of the same half of the window.
    half = (plain.at_ms[source] - since[source]) // (WINDOW_MS // 2)
    turn = 1 + np.floor(generator.random(len(source)) * 6).astype(np.int64)
    into = plain.at_ms[source] - since[source] - half * (WINDOW_MS // 2)
    into = (into + turn * plan.DAY_MS) % (WINDOW_MS // 2)
    elsewhere = since[source] + half * (WINDOW_MS // 2) + into
    at_ms = np.where(away, elsewhere, plain.at_ms[source] + after)
    at_ms = np.minimum(at_ms, since[source] + WINDOW_MS - 1)
    person = plain.person[source]
    signed_from = np.where(
        plain.session[source] == NONE, NEVER, sessions.signed_from_ms[plain.session[source]]
    )
    signed_from = np.where(away, sessions.sign_up_ms[person], signed_from)
    added = make_events(
        at_ms,
        person,
        np.where(away, person, plain.device[source]),
        plan.CODE["song_played"],
        session=np.where(away, NONE, plain.session[source]),
        seconds=plain.seconds[source],
        added_by=np.full(len(source), code),
        signed=at_ms >= signed_from,
    )
    return join([added])


def _lost_likes(
    generator: np.random.Generator,
    definition: plan.Experiment,
    people: People,
    plain: Events,
    units: tuple[np.ndarray, np.ndarray],
) -> np.ndarray:
    """Draw which likes the treatment would take away; a mask over ``plain``."""
    _, inside = _window_of(people, units, plain)
    luck = generator.random(len(plain)) < definition.likes_lost
    lost: np.ndarray = inside & luck & (plain.name == plan.CODE["song_liked"])
    return lost
