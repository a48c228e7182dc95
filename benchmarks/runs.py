"""A measured run of the pipeline: its cost as a whole, by step and by dbt model.

Belongs here: starting ``pm-pipeline run`` and reading what it left behind. Does not belong here:
which homes are run in what order (``scenarios.py``).

A run builds its models one after the other, and says so after each: the CPU seconds between two
such words are those of one model or test. What dbt itself needs for a node is in them, so costs are
compared with those of the same node on a home with one event.
"""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from benchmarks.measuring import Cost, measure
from pm_pipeline.home import Home
from pm_pipeline.transform.project import MANIFEST, parsed_project

MODELS = "models"
MODEL_PREFIX = "model."
TESTS = "dbt tests"
SPINE_SCHEMA = "core"
SPINE_MARTS = {"active_users", "event_usage", "accounting"}
STARTUP = "start-up"
"""What no step accounts for: imports, definitions, Dagster's own work between the steps."""


@dataclass(frozen=True)
class Part:
    """A step or a model within a run."""

    cpu_seconds: float
    wall_seconds: float
    peak_bytes: int


@dataclass(frozen=True)
class Run:
    """What one run cost. ``nodes`` are dbt models by name; tests together are ``dbt tests``."""

    cost: Cost
    steps: Mapping[str, Part]
    nodes: Mapping[str, Part]
    spine: Sequence[str] = ()
    """The models of events, people and their days, and all that these rest on."""

    @property
    def models_cpu_seconds(self) -> float:
        """Return the CPU seconds of all models, without dbt's tests and start-up."""
        return sum(part.cpu_seconds for name, part in self.nodes.items() if name != TESTS)


def run_home(home: Home, work: Path, *arguments: str) -> Run:
    """Run the pipeline on ``home``; raises ``CommandFailedError`` when it does not publish."""
    trace = work / "trace.jsonl"
    trace.unlink(missing_ok=True)
    results = home.dbt / "target" / "run_results.json"
    results.unlink(missing_ok=True)
    command = [sys.executable, "-m", "benchmarks.traced", str(trace), "run", *arguments]
    cost = measure([*command, "--home", str(home.root)], {}, work / f"{home.root.name}.log")
    marks = [_Mark(**json.loads(line)) for line in trace.read_text("utf-8").splitlines()]
    nodes = _nodes(cost, marks, results)
    return Run(cost, _steps(cost, marks), nodes, _spine(parsed_project(home) / MANIFEST, nodes))


@dataclass(frozen=True)
class _Mark:
    """A word that a step said, with the instant and the CPU seconds used until then."""

    step: str
    detail: str
    has_ended: bool
    instant: float
    cpu_seconds: float


def _steps(cost: Cost, marks: Sequence[_Mark]) -> dict[str, Part]:
    steps = {}
    for name in dict.fromkeys(mark.step for mark in marks):
        words = [mark for mark in marks if mark.step == name]
        steps[name] = _between(cost, words[0], words[-1])
    rest = Part(
        cost.cpu_seconds - sum(part.cpu_seconds for part in steps.values()),
        cost.wall_seconds - sum(part.wall_seconds for part in steps.values()),
        0,
    )
    return {STARTUP: rest, **steps}


def _between(cost: Cost, began: _Mark, ended: _Mark) -> Part:
    return Part(
        ended.cpu_seconds - began.cpu_seconds,
        ended.instant - began.instant,
        cost.peak_between(began.instant, ended.instant),
    )


def _nodes(cost: Cost, marks: Sequence[_Mark], results: Path) -> dict[str, Part]:
    """Return the costs by node; none when the run built none or its words cannot be matched."""
    words = [mark for mark in marks if mark.step == MODELS]
    if not results.exists():
        return {}
    built = json.loads(results.read_text(encoding="utf-8"))["results"]
    names = [result["unique_id"] for result in built]
    parts = [_between(cost, *pair) for pair in pairwise(words[: len(names) + 1])]
    if len(parts) != len(names):
        return {}
    parts[0] = _last_seconds(parts[0], built[0]["execution_time"])
    nodes = {
        name.rpartition(".")[2]: part
        for name, part in zip(names, parts, strict=True)
        if name.startswith(MODEL_PREFIX)
    }
    tests = [
        part for name, part in zip(names, parts, strict=True) if not name.startswith(MODEL_PREFIX)
    ]
    nodes[TESTS] = Part(
        sum(part.cpu_seconds for part in tests),
        sum(part.wall_seconds for part in tests),
        max((part.peak_bytes for part in tests), default=0),
    )
    return nodes


def _spine(manifest: Path, nodes: Mapping[str, Part]) -> Sequence[str]:
    if not nodes:
        return ()
    project = json.loads(manifest.read_text(encoding="utf-8"))
    left = [
        name
        for name, node in project["nodes"].items()
        if name.startswith(MODEL_PREFIX)
        and (node["schema"] == SPINE_SCHEMA or node["name"] in SPINE_MARTS)
    ]
    found: set[str] = set()
    while left:
        name = left.pop()
        if name not in found and name.startswith(MODEL_PREFIX):
            found.add(name)
            left += project["parent_map"][name]
    return sorted(name.rpartition(".")[2] for name in found)


def _last_seconds(part: Part, seconds: float) -> Part:
    """Return the share of ``part`` that its last seconds are: before the first model dbt starts."""
    share = min(1.0, seconds / part.wall_seconds)
    return Part(part.cpu_seconds * share, seconds, part.peak_bytes)


def median_run(runs: Sequence[Run]) -> Run:
    """Return the median of several runs of the same kind, number by number."""
    return Run(
        Cost(
            statistics.median(run.cost.cpu_seconds for run in runs),
            statistics.median(run.cost.wall_seconds for run in runs),
            max(run.cost.peak_bytes for run in runs),
        ),
        _median_parts([run.steps for run in runs]),
        _median_parts([run.nodes for run in runs]),
        runs[0].spine,
    )


def _median_parts(several: Sequence[Mapping[str, Part]]) -> dict[str, Part]:
    common = [name for name in several[0] if all(name in parts for parts in several)]
    return {
        name: Part(
            statistics.median(parts[name].cpu_seconds for parts in several),
            statistics.median(parts[name].wall_seconds for parts in several),
            max(parts[name].peak_bytes for parts in several),
        )
        for name in common
    }


def less(run: Run, fixed: Run) -> Run:
    """Return ``run`` without the fixed costs of ``fixed``; memory stays as it was."""
    return Run(
        Cost(
            run.cost.cpu_seconds - fixed.cost.cpu_seconds,
            run.cost.wall_seconds - fixed.cost.wall_seconds,
            run.cost.peak_bytes,
        ),
        _less_parts(run.steps, fixed.steps),
        _less_parts(run.nodes, fixed.nodes),
        run.spine,
    )


def _less_parts(parts: Mapping[str, Part], fixed: Mapping[str, Part]) -> dict[str, Part]:
    nothing = Part(0, 0, 0)
    return {
        name: Part(
            part.cpu_seconds - fixed.get(name, nothing).cpu_seconds,
            part.wall_seconds - fixed.get(name, nothing).wall_seconds,
            part.peak_bytes,
        )
        for name, part in parts.items()
    }
