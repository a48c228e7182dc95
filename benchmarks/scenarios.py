"""What is measured, in order: start-up, everything at once, one more day, late, nothing new.

Belongs here: which homes there are and which runs they get. Does not belong here: how a run is
measured (``runs.py``) or shown (``tables.py``).
"""

from __future__ import annotations

import os
import shutil
import statistics
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.generator import Generator, Scale, open_generator
from benchmarks.measuring import Cost, RawLimit, measure, measure_raw_limit
from benchmarks.runs import Run, less, median_run, run_home
from pm_pipeline.home import Home

PRODUCT_FILE = Path(__file__).with_name("product.yml")
LARGE_DAY_EVENTS = 30_000
LATE_DAYS = 200
Say = Callable[[str], None]


@dataclass
class Results:
    """Everything that one benchmark measured; runs are without their fixed start-up if so named."""

    scale: Scale
    first_startup: Run
    """The first run on a home with one event."""
    daily_startup: Run
    """A run that adds one event to a home with one event."""
    raw: RawLimit
    full: Run
    """All events at once, start-up subtracted."""
    full_peak_bytes: int
    days: dict[int, Run] = field(default_factory=dict)
    """One more day by days of history, start-up subtracted."""
    late: Run | None = None
    """One event that is 200 days late, start-up subtracted."""
    nothing_new: Cost | None = None
    large_day: Run | None = None
    """A day of 30,000 events, start-up included."""
    validate: Cost | None = None


class Bench:
    """The homes of one benchmark below ``work``, which is emptied first."""

    def __init__(
        self, work: Path, scale: Scale, *, suffix: str = ".parquet", repeats: int, say: Say
    ) -> None:
        """Prepare a benchmark of ``scale``; every number is a median of ``repeats`` runs."""
        self._work = work
        self._scale = scale
        self._suffix = suffix
        self._repeats = repeats
        self._say = say
        shutil.rmtree(work, ignore_errors=True)

    def go(self, histories: Sequence[int]) -> Results:
        """Measure everything; ``histories`` are days of history, the longest last."""
        known_days = self._scale.days + self._repeats + 1
        with open_generator(self._scale, known_days=known_days) as generator:
            first_startup, daily_startup = self._startup(generator)
            home = self._home_with(generator, f"history-{self._scale.days}", self._scale.days)
            full = median_run(self._all_at_once(home))
            raw = measure_raw_limit(home)
            results = Results(
                scale=self._scale,
                first_startup=first_startup,
                daily_startup=daily_startup,
                raw=raw,
                full=less(full, first_startup),
                full_peak_bytes=full.cost.peak_bytes,
            )
            for days in histories:
                results.days[days] = self._one_more_day(generator, days, daily_startup)
            self._on_longest(generator, home, results)
        return results

    def _startup(self, generator: Generator) -> tuple[Run, Run]:
        self._say("fixed start-up: homes with one event")
        first, daily = [], []
        for number in range(self._repeats + 1):
            home = self._home(f"one-event-{number}")
            generator.write_one(self._landing(home, "first"), 0, received_day=0)
            first.append(self._run(home))
        home = self._home(f"one-event-{self._repeats}", keep=True)
        for day in range(1, self._repeats + 1):
            generator.write_one(self._landing(home, f"day-{day}"), day, received_day=day)
            daily.append(self._run(home))
        # The first of all may have parsed the dbt project and compiled bytecode.
        return median_run(first[1:]), median_run(daily)

    def _all_at_once(self, home: Home) -> list[Run]:
        """Run everything on homes of the same files, last on ``home``, which stays."""
        runs = []
        for number in range(self._repeats - 1):
            copy = self._home(f"all-{number}")
            for path in sorted(home.landing.iterdir()):
                os.link(path, copy.landing / path.name)
            self._say(f"running all {self._scale.events:,} events, time {number + 1}")
            runs.append(self._run(copy))
            shutil.rmtree(copy.root)
        self._say(f"running all {self._scale.events:,} events")
        return [*runs, self._run(home)]

    def _one_more_day(self, generator: Generator, days: int, startup: Run) -> Run:
        if days == self._scale.days:
            home = self._home(f"history-{days}", keep=True)
        else:
            home = self._home_with(generator, f"history-{days}", days)
            self._say(f"running {days} days of history")
            self._run(home)
        runs = []
        for day in range(days, days + self._repeats):
            self._say(f"one more day after {day} days")
            generator.write_days(self._landing(home, f"day-{day}"), day, day + 1)
            runs.append(self._run(home))
        return less(median_run(runs), startup)

    def _on_longest(self, generator: Generator, home: Home, results: Results) -> None:
        self._say("a run that finds nothing new")
        results.nothing_new = _median_cost([self._run(home).cost for _ in range(self._repeats)])
        self._say("dagster definitions validate")
        results.validate = _median_cost([self._validate(home) for _ in range(self._repeats)])
        day = self._scale.days + self._repeats
        large = self._scale.with_daily_events(LARGE_DAY_EVENTS)
        runs = []
        for later in range(self._repeats):
            self._say(f"a day of {LARGE_DAY_EVENTS:,} events")
            path = self._landing(home, f"large-day-{day + later}")
            generator.write_days(path, day + later, day + later + 1, scale=large)
            runs.append(self._run(home))
        results.large_day = median_run(runs)
        last = day + self._repeats - 1
        if last >= LATE_DAYS:
            self._say(f"one event {LATE_DAYS} days late")
            path = self._landing(home, "late")
            generator.write_one(path, last - LATE_DAYS, received_day=last)
            results.late = less(self._run(home), results.daily_startup)

    def _validate(self, home: Home) -> Cost:
        command = [sys.executable, "-m", "dagster", "definitions", "validate"]
        return measure(
            [*command, "-w", "workspace.yaml"],
            {"PM_PIPELINE_HOME": str(home.root), "DAGSTER_HOME": str(home.dagster)},
            self._work / "validate.log",
        )

    def _run(self, home: Home) -> Run:
        return run_home(home, self._work)

    def _home_with(self, generator: Generator, name: str, days: int) -> Home:
        self._say(f"making {days} days of events")
        home = self._home(name)
        generator.write_months(home.landing, days, self._suffix)
        return home

    def _home(self, name: str, *, keep: bool = False) -> Home:
        home = Home(self._work / name)
        if not keep:
            home.landing.mkdir(parents=True)
            shutil.copyfile(PRODUCT_FILE, home.product_file)
        return home

    def _landing(self, home: Home, name: str) -> Path:
        return home.landing / f"{name}{self._suffix}"


def _median_cost(costs: Sequence[Cost]) -> Cost:
    return Cost(
        statistics.median(cost.cpu_seconds for cost in costs),
        statistics.median(cost.wall_seconds for cost in costs),
        max(cost.peak_bytes for cost in costs),
    )
