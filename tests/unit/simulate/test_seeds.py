"""Stages and unusual days over many seeds of the demo: how often they are right.

The simulation's own counts are judged, by person and week; that the pipeline counts the same is
held by ``tests/pipeline/test_demo_truths.py``. All 20 seeds are minutes long; every build judges
a fixed seed and one that is the day of the last commit, so that no seed is learnt by heart.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from pm_pipeline.analysis.goals.anomalies import Judged, judge_days
from pm_pipeline.analysis.goals.settings import AnomalySettings
from pm_pipeline.analysis.lifecycle.settings import LifecycleSettings
from pm_pipeline.analysis.lifecycle.stages import Subject, WeekStage, week_stages
from pm_pipeline.simulate import scenario as plan
from pm_pipeline.simulate.activity import make_plain_events, make_sessions
from pm_pipeline.simulate.events import Events, join
from pm_pipeline.simulate.features import launch_day, make_feature_events
from pm_pipeline.simulate.people import make_people

ALL_SEEDS = range(1, 21)
FIXED_SEED = 3
CALENDAR = plan.Calendar(plan.DEFAULT_DAYS)
WEEKS = [week for week in range(CALENDAR.weeks) if CALENDAR.is_complete(week)]
DECLINE_BEGINS = CALENDAR.weeks // 2
MANY_PEOPLE = 46_000
"""So many that a day's events are at least 400 and differ by at most 5 % from what is expected."""
DROP = 0.6
YOUNG_STAGES = {"insufficient_data", "introduction"}
SHAPES = {feature.shape: feature for feature in plan.FEATURES}


def commit_day() -> int:
    """Return the day of the last commit as a number such as 20260131; without git a fixed seed."""
    found = subprocess.run(
        ["git", "log", "-1", "--format=%cd", "--date=format:%Y%m%d"],
        cwd=Path(__file__).parent, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return int(found.stdout) if found.returncode == 0 and found.stdout.strip() else FIXED_SEED


def weekly_users(events: Events, names: Iterable[str] | None = None) -> list[int]:
    """Return the people of each complete week with any of these events."""
    mine = np.ones(len(events), dtype=bool)
    if names is not None:
        mine = np.isin(events.name, [plan.CODE[name] for name in names])
    week = CALENDAR.week(CALENDAR.day(events.at_ms[mine]))
    pairs = np.unique(np.stack([events.person[mine], week]), axis=1)
    counts = np.bincount(pairs[1], minlength=CALENDAR.weeks)
    return [int(counts[week]) for week in WEEKS]


@dataclass(frozen=True)
class Seed:
    """The stages of the features of one seed, by shape, from the first week with a use."""

    stages: dict[str, list[WeekStage]]

    def last(self, shape: str) -> str:
        return self.stages[shape][-1].stage

    @property
    def weeks_to_decline(self) -> int | None:
        """Return how many weeks after it began the decline is found, and not before."""
        for week in self.stages["declining"]:
            if week.stage == "decline":
                since = (week.period_start - CALENDAR.monday(DECLINE_BEGINS)).days // 7 + 1
                return since if since > 0 else None
        return None


@cache
def judged(seed: int) -> Seed:
    """Return the stages of a seed's features."""
    people = make_people(seed, plan.DEFAULT_USERS, CALENDAR)
    sessions, _ = make_sessions(seed, people, CALENDAR)
    plain = make_plain_events(seed, people, sessions)
    uses = make_feature_events(seed, people, sessions, CALENDAR)
    everybody = weekly_users(join([plain, uses]))
    stages = {}
    for shape, feature in SHAPES.items():
        users = weekly_users(uses, feature.events)
        first = next(place for place, count in enumerate(users) if count)
        start = CALENDAR.monday(WEEKS[first])
        launched = CALENDAR.date_of(launch_day(CALENDAR)) if shape == "young" else None
        subject = Subject(
            kind="feature", name=feature.name, first_week=start,
            active_users=tuple(users[first:]), product_users=tuple(everybody[first:]),
            first_date=max(start, launched or start), data_start=CALENDAR.monday(WEEKS[0]),
            launched_on=launched, target_users=plan.DEFAULT_USERS if launched else None,
        )  # fmt: skip
        stages[shape] = week_stages(subject, LifecycleSettings())
    return Seed(stages)


def judged_with_drop(seed: int) -> tuple[list[Judged], Judged]:
    """Return the judged days of a seed's events, and the one on which two fifths are missing."""
    people = make_people(seed, MANY_PEOPLE, CALENDAR)
    sessions, _ = make_sessions(seed, people, CALENDAR)
    day = CALENDAR.day(make_plain_events(seed, people, sessions).at_ms)
    # The last day holds only what reaches over midnight.
    counts = np.bincount(day, minlength=CALENDAR.days)[: CALENDAR.days - 1]
    values = {CALENDAR.date_of(place): float(count) for place, count in enumerate(counts)}
    quiet = judge_days(values, AnomalySettings())
    noise = np.median([abs(each.value / each.expected - 1) for each in quiet]) * 1.4826
    assert noise <= 0.05, noise
    planted = quiet[40 + 12 * (seed % 20)].activity_date
    values[planted] = round(DROP * values[planted])
    days = judge_days(values, AnomalySettings())
    (dropped,) = [each for each in days if each.activity_date == planted]
    assert dropped.expected >= 400
    return [each for each in days if each.activity_date != planted], dropped


@pytest.mark.parametrize("seed", [FIXED_SEED, commit_day()], ids=["fixed", "day of the commit"])
def test_the_features_of_a_seed_have_their_stages(seed: int) -> None:
    one = judged(seed)
    print(f"seed {seed}: decline found after {one.weeks_to_decline} weeks")
    assert one.last("flat") != "decline", seed
    assert one.last("declining") == "decline", seed
    assert {week.stage for week in one.stages["young"]} <= YOUNG_STAGES, seed
    assert one.last("young") == "introduction", seed


def test_a_planted_drop_of_a_seed_is_found() -> None:
    others, dropped = judged_with_drop(FIXED_SEED)
    assert dropped.is_unlike and dropped.change < 0
    assert sum(each.is_unlike for each in others) / len(others) <= 0.02


@pytest.mark.long
def test_stages_are_right_over_twenty_seeds() -> None:
    seeds = [judged(seed) for seed in ALL_SEEDS]
    wrong = {shape: sum(one.last(shape) == "decline" for one in seeds)
             for shape in ("flat", "seasonal")}  # fmt: skip
    ever = {shape: sum(any(week.stage == "decline" for week in one.stages[shape]) for one in seeds)
            for shape in ("flat", "seasonal")}  # fmt: skip
    found = [one.weeks_to_decline for one in seeds]
    young = [{week.stage for week in one.stages["young"]} for one in seeds]
    print(f"in decline at as-of {wrong}, at any time {ever}, decline found after {found} weeks")
    assert max(wrong.values()) <= 2, wrong
    assert ever["flat"] <= 2, ever
    assert sum(weeks is not None and weeks <= 17 for weeks in found) >= 15, found
    assert all(stages <= YOUNG_STAGES for stages in young), young
    introduced = sum(one.last("young") == "introduction" for one in seeds)
    print(f"young ones in introduction at as-of: {introduced}")
    assert introduced >= 18


@pytest.mark.long
def test_drops_are_found_over_twenty_seeds() -> None:
    found = alarms = metric_days = 0
    for seed in ALL_SEEDS:
        others, dropped = judged_with_drop(seed)
        found += dropped.is_unlike
        alarms += sum(each.is_unlike for each in others)
        metric_days += len(others)
    print(f"{found} of 20 drops found, {alarms} false alarms on {metric_days} metric-days")
    assert found >= 18
    assert alarms / metric_days <= 0.01
