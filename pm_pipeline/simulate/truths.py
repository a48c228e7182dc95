"""What a correct pipeline must find in the written files: the content of ``truths.json``.

Belongs here: counts of records, active people by resolved identity, features, the frame of the
document. Does not belong here: the experiments' effects (``effects``), the rules (``identity``).
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from pm_pipeline.simulate import scenario as plan
from pm_pipeline.simulate.effects import experiment_truths
from pm_pipeline.simulate.events import Events
from pm_pipeline.simulate.experiments import Planted
from pm_pipeline.simulate.faults import Fault
from pm_pipeline.simulate.features import launch_day, planted_weekly_users
from pm_pipeline.simulate.identity import kept_records, resolve
from pm_pipeline.simulate.people import People
from pm_pipeline.simulate.records import SENT_CHANGED, Records, is_robot
from pm_pipeline.simulate.surveys import survey_truths

Document = dict[str, Any]


def make_truths(
    people: People,
    records: Records,
    faults: dict[int, list[Fault]],
    sha256: list[str],
    planted: list[Planted],
    calendar: plan.Calendar,
) -> Document:
    """Return the truths of the written files; ``sha256`` is of each file's bytes."""
    kept = kept_records(records, sha256)
    robots = is_robot(records.events)[records.event]
    events = records.events.take(np.unique(records.event[kept & ~robots]))
    resolved = resolve(events, people.count)
    day = calendar.day(events.at_ms)
    names = np.bincount(events.name, minlength=len(plan.EVENT_NAMES)).tolist()
    return {
        "about": "What a correct pipeline finds in landing/. It never reads this file.",
        "rules": {
            "timezone": plan.TIMEZONE,
            "anonymous_window_days": plan.ANONYMOUS_WINDOW_DAYS,
            "duplicate_window_days": plan.DUPLICATE_WINDOW_DAYS,
            "session_timeout_minutes": plan.SESSION_TIMEOUT_MINUTES,
            "ignore_ids": list(plan.IGNORED_IDS),
        },
        "counts": _counts(records, kept, robots, faults, sha256),
        "events_by_name": dict(sorted(zip(plan.EVENT_NAMES, names, strict=True))),
        "first_event_at": plan.iso(int(events.at_ms.min())),
        "last_event_at": plan.iso(int(events.at_ms.max())),
        "as_of_date": str(calendar.date_of(int(day.max()) + 1)),
        "users": {
            "people": len(np.unique(resolved)),
            "identified": len(np.unique(resolved[resolved < people.count])),
            "sign_ups": int((events.name == plan.CODE["sign_up"]).sum()),
            "devices": len(np.unique(events.device[events.device >= 0])),
        },
        "daily": _daily(events, resolved, day, calendar),
        "weekly": _weekly(resolved, day, calendar),
        "expected_product_stages_at_default_size": ["growth"],
        "features": _features(events, resolved, day, calendar, people.count),
        "surveys": {"recommendation": survey_truths(events, resolved, day, calendar)},
        "experiments": experiment_truths(events, resolved, planted, calendar, people.count),
    }


def _counts(
    records: Records,
    kept: np.ndarray,
    robots: np.ndarray,
    faults: dict[int, list[Fault]],
    sha256: list[str],
) -> Document:
    files: Document = {}
    for index, file in enumerate(records.files):
        mine = records.file == index
        broken = Counter(fault.reason for fault in faults.get(index, []))
        accepted = int((mine & kept).sum())
        excluded = int((mine & kept & robots).sum())
        files[file.path] = {
            "sha256": sha256[index],
            "source": file.source,
            "records": int(mine.sum()) + broken.total(),
            "accepted": accepted,
            "duplicate": int((mine & ~kept).sum()),
            "rejected": broken.total(),
            "excluded": excluded,
            "events": accepted - excluded,
            "rejected_by_reason": dict(sorted(broken.items())),
        }
    figures = ("records", "accepted", "duplicate", "rejected", "excluded", "events")
    reasons: Counter[str] = Counter()
    for each in files.values():
        reasons.update(each["rejected_by_reason"])
    return {
        **{figure: sum(each[figure] for each in files.values()) for figure in figures},
        "rejected_by_reason": dict(sorted(reasons.items())),
        "sent_again_with_other_properties": int((records.copy == SENT_CHANGED).sum()),
        "files": files,
    }


def _presence(who: np.ndarray, period: np.ndarray, periods: int) -> np.ndarray:
    """Return a matrix (people, periods): who was active when."""
    _, row = np.unique(who, return_inverse=True)
    present = np.zeros((int(row.max(initial=-1)) + 1, periods), dtype=bool)
    present[row, period] = True
    return present


def _daily(
    events: Events, resolved: np.ndarray, day: np.ndarray, calendar: plan.Calendar
) -> list[Document]:
    """Return the active people of each day, and of the 7 and 28 days that end with it."""
    present = _presence(resolved, day, calendar.days)
    running = np.concatenate(
        [np.zeros((len(present), 1), dtype=np.int32), np.cumsum(present, axis=1, dtype=np.int32)],
        axis=1,
    )
    new = np.bincount(present.argmax(axis=1), minlength=calendar.days)
    counts = np.bincount(day, minlength=calendar.days)
    sessions = _sessions_by_day(events, resolved, calendar)
    rows = []
    for index in range(calendar.days):
        recent = {
            window: int((running[:, index + 1] > running[:, max(index + 1 - window, 0)]).sum())
            for window in (1, 7, 28)
        }
        rows.append(
            {
                "date": str(calendar.date_of(index)),
                "daily_active_users": recent[1],
                "weekly_active_users": recent[7],
                "monthly_active_users": recent[28],
                "new_users": int(new[index]),
                "sessions": int(sessions[index]),
                "events": int(counts[index]),
            }
        )
    return rows


def _sessions_by_day(events: Events, resolved: np.ndarray, calendar: plan.Calendar) -> np.ndarray:
    """Count sessions on their start day: a gap above the time-out or 24 hours end one."""
    order = np.lexsort((events.at_ms, resolved))
    who, at = resolved[order].tolist(), events.at_ms[order].tolist()
    timeout = plan.SESSION_TIMEOUT_MINUTES * plan.MINUTE_MS
    starts, previous, last, begun = [], None, 0, 0
    for person, moment in zip(who, at, strict=True):
        if person != previous or moment - last > timeout or moment - begun >= plan.DAY_MS:
            starts.append(moment)
            begun = moment
        previous, last = person, moment
    return np.bincount(calendar.day(np.array(starts)), minlength=calendar.days)


def _weekly(resolved: np.ndarray, day: np.ndarray, calendar: plan.Calendar) -> list[Document]:
    """Return the growth accounting of the Monday weeks."""
    present = _presence(resolved, calendar.week(day), calendar.weeks)
    first = present.argmax(axis=1)
    rows = []
    for week in range(calendar.weeks):
        now = present[:, week]
        before = present[:, week - 1] if week else np.zeros(len(present), dtype=bool)
        new = now & (first == week)
        churned = int((before & ~now).sum()) if calendar.is_over(week) else None
        rows.append(
            {
                "week_start": str(calendar.monday(week)),
                "active_users": int(now.sum()),
                "new_users": int(new.sum()),
                "retained_users": int((now & before).sum()),
                "resurrected_users": int((now & ~before & ~new).sum()),
                "churned_users": churned,
                "is_complete": calendar.is_complete(week),
            }
        )
    return rows


def _features(
    events: Events,
    resolved: np.ndarray,
    day: np.ndarray,
    calendar: plan.Calendar,
    people_count: int,
) -> Document:
    """Return each feature's shape, expected stage, and weekly users and events as observed."""
    week = calendar.week(day)
    truths: Document = {}
    for feature in plan.FEATURES:
        mine = np.isin(events.name, [plan.CODE[name] for name in feature.events])
        pairs = np.unique(np.stack([resolved[mine], week[mine]]), axis=1)
        users = np.bincount(pairs[1], minlength=calendar.weeks)
        uses = np.bincount(week[mine], minlength=calendar.weeks)
        expected = planted_weekly_users(feature, calendar, people_count)
        is_young = feature.shape == "young"
        truths[feature.name] = {
            "shape": feature.shape,
            "events": list(feature.events),
            "launched_on": str(calendar.date_of(launch_day(calendar))) if is_young else None,
            "expected_stages_at_default_size": list(feature.expected_stages),
            "weekly": [
                {
                    "week_start": str(calendar.monday(each)),
                    "users": int(users[each]),
                    "events": int(uses[each]),
                    "planted_users": round(float(expected[each]), 2),
                    "is_complete": calendar.is_complete(each),
                }
                for each in range(calendar.weeks)
            ],
        }
    return truths
