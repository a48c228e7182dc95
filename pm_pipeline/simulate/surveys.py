"""Answers to the question whether people would recommend the product.

Belongs here: who answers what, and the scores that a correct pipeline finds. Does not belong here:
anything about records, or what a score means to the pipeline.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from pm_pipeline.simulate import scenario as plan
from pm_pipeline.simulate.activity import Sessions, inside_sessions
from pm_pipeline.simulate.draws import draws
from pm_pipeline.simulate.events import NONE, Events
from pm_pipeline.simulate.people import People


def make_answers(seed: int, people: People, sessions: Sessions) -> Events:
    """Draw answers inside some sessions: the more somebody listens, the happier."""
    generator = draws(seed, "survey answers")
    at = np.flatnonzero(generator.random(len(sessions)) < plan.ANSWER_RATE)
    happiness = np.array(plan.HAPPINESS)[people.kind[sessions.person[at]]]
    score = np.clip(np.round(generator.normal(happiness, plan.HAPPINESS_SPREAD)), 0, 10)
    offset = 30_000 + np.floor(generator.random(len(at)) * 300_000).astype(np.int64)
    name = plan.CODE["survey_answered"]
    return inside_sessions(sessions, at, offset, name=name, score=score.astype(np.int64))


def survey_truths(
    events: Events, resolved: np.ndarray, day: np.ndarray, calendar: plan.Calendar
) -> list[dict[str, Any]]:
    """Return answers and net promoter score of each month; of a person the last answer counts."""
    answered = np.flatnonzero(events.score != NONE)
    latest: dict[tuple[str, int], int] = {}
    for at in answered[np.argsort(events.at_ms[answered], kind="stable")].tolist():
        month = f"{calendar.date_of(int(day[at])):%Y-%m-01}"
        latest[month, int(resolved[at])] = int(events.score[at])
    months: dict[str, Counter[str]] = {}
    for (month, _), score in sorted(latest.items()):
        kind = "promoter" if score >= 9 else "detractor" if score <= 6 else "passive"
        months.setdefault(month, Counter())[kind] += 1
    return [
        {
            "period_start": month,
            "answers": kinds.total(),
            "net_promoter_score": 100 * (kinds["promoter"] - kinds["detractor"]) / kinds.total(),
        }
        for month, kinds in sorted(months.items())
    ]
