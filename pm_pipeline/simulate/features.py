"""Use of the five features, drawn so that their weekly users follow the planted shapes.

Belongs here: the shapes and who uses a feature in which week. Does not belong here: anything
about experiments or records.
"""

from __future__ import annotations

import numpy as np

from pm_pipeline.simulate import scenario as plan
from pm_pipeline.simulate.activity import NEVER, Sessions, inside_sessions
from pm_pipeline.simulate.draws import draws
from pm_pipeline.simulate.events import Events, join
from pm_pipeline.simulate.people import People


def launch_day(calendar: plan.Calendar) -> int:
    """Return the day on which the young feature starts; in a short sample past its middle."""
    return max(calendar.days - plan.YOUNG_DAYS, int(calendar.days * 0.6))


def planted_weekly_users(feature: plan.Feature, calendar: plan.Calendar, users: int) -> np.ndarray:
    """Return the expected users of each Monday week, without noise, for ``users`` people."""
    shape: np.ndarray = np.ones(calendar.weeks)
    week = np.arange(calendar.weeks, dtype=float)
    half = calendar.weeks / 2
    middle = np.array([7 * each - calendar.weekday0 + 3 for each in range(calendar.weeks)])
    if feature.shape == "growing":
        shape = np.exp(plan.GROWTH_PER_WEEK * (week - week[-1]))
    elif feature.shape == "declining":
        shape = np.exp(plan.DECLINE_PER_WEEK * np.maximum(week - half, 0))
    elif feature.shape == "seasonal":
        peak = (plan.SEASON_PEAK - calendar.first_day).days
        phase = 2 * np.pi * (middle - peak) / plan.SEASON_DAYS
        drift = plan.SEASON_YEARLY_DRIFT * (middle - middle[-1]) / plan.SEASON_DAYS
        shape = np.exp(plan.SEASON_AMPLITUDE * np.cos(phase) + drift)
    elif feature.shape == "young":
        launched = launch_day(calendar)
        age = np.maximum(middle - launched + 3, 0) / 7
        shape = 1 - np.exp(-age / plan.YOUNG_RAMP_WEEKS)
    return shape * (feature.level * users / plan.DEFAULT_USERS)


def make_feature_events(
    seed: int, people: People, sessions: Sessions, calendar: plan.Calendar
) -> Events:
    """Draw the feature events inside the sessions of the weeks' active people."""
    by_week = np.argsort(sessions.week, kind="stable")
    bounds = np.searchsorted(sessions.week[by_week], np.arange(calendar.weeks + 1))
    parts = []
    for feature in plan.FEATURES:
        generator = draws(seed, f"feature {feature.name}")
        taste = generator.gamma(2.0, 0.5, people.count) + 0.05
        noise = np.exp(feature.noise * generator.standard_normal(calendar.weeks))
        planted = planted_weekly_users(feature, calendar, people.count) * noise
        first = calendar.start_of(np.array(launch_day(calendar) if feature.shape == "young" else 0))
        for week in range(calendar.weeks):
            here = by_week[bounds[week] : bounds[week + 1]]
            at = _uses(generator, sessions, here, taste, planted[week], calendar, week)
            offset = 15_000 + np.floor(generator.random(len(at)) * 600_000).astype(np.int64)
            which = generator.random(len(at)) < plan.FIRST_EVENT_SHARE
            codes = [plan.CODE[name] for name in feature.events]
            name = np.where(which, codes[0], codes[-1])
            events = inside_sessions(sessions, at, offset, name=name)
            if feature.name == "concerts":
                events = _at_the_partner(generator, sessions, events, calendar)
            parts.append(events.take(events.at_ms >= first))
    return join(parts)


def _uses(
    generator: np.random.Generator,
    sessions: Sessions,
    here: np.ndarray,
    taste: np.ndarray,
    planted: float,
    calendar: plan.Calendar,
    week: int,
) -> np.ndarray:
    """Choose the week's users by taste, then one to three sessions of each; session indexes."""
    who = np.unique(sessions.person[here])
    days_inside = min(7 * week - calendar.weekday0 + 7, calendar.days) - max(
        7 * week - calendar.weekday0, 0
    )
    wanted = min(round(planted * (days_inside / 7) ** 0.6), int(len(who) * 0.85))
    # The smallest of exponential times with rates by taste: weighted sampling without repeats.
    luck = generator.exponential(1.0, len(who)) / taste[who]
    chosen = np.zeros(len(taste), dtype=bool)
    chosen[who[np.argsort(luck, kind="stable")[:wanted]]] = True
    mine = here[chosen[sessions.person[here]]]
    shuffled = mine[np.argsort(generator.random(len(mine)), kind="stable")]
    _, at_least = np.unique(sessions.person[shuffled], return_index=True)
    keep = np.zeros(len(shuffled), dtype=bool)
    keep[at_least] = True
    more = keep | (generator.random(len(shuffled)) < plan.FURTHER_USE_RATE)
    return np.sort(shuffled[more])


def _at_the_partner(
    generator: np.random.Generator, sessions: Sessions, events: Events, calendar: plan.Calendar
) -> Events:
    """Let some concert events be tickets opened at a partner: a user id, but no device."""
    luck = generator.random(len(events))
    account = sessions.sign_up_ms[events.person]
    at_partner = (luck < plan.TICKET_RATE) & (account != NEVER) & (account <= events.at_ms)
    name = np.where(at_partner, plan.CODE["ticket_opened"], plan.CODE["concert_viewed"])
    # The partner's clock shows whole minutes.
    at_ms = np.where(at_partner, events.at_ms // plan.MINUTE_MS * plan.MINUTE_MS, events.at_ms)
    # It knows no offset from UTC either, so nothing may happen in the hour that comes twice.
    offset = calendar.offset(at_ms)
    twice = calendar.offset(at_ms + plan.HOUR_MS) < offset
    twice |= calendar.offset(at_ms - plan.HOUR_MS) > offset
    at_ms = np.where(at_partner & twice, at_ms + 2 * plan.HOUR_MS, at_ms)
    return events.with_columns(
        name=name,
        at_ms=at_ms,
        device=np.where(at_partner, -1, events.device),
        signed=events.signed | at_partner,
    )
