"""The planted experiments over twenty samples: how often they are decided as they were planted.

Belongs here: shares over samples, through the real commands. Does not belong here: what one sample
must show (``test_demo_truths.py``).
"""

from __future__ import annotations

import json
import shutil
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from pm_pipeline.home import Home
from tests.conftest import command, published

SEEDS = range(1, 21)
REAL, NONE, BROKEN, HARMED = "short_onboarding", "blue_button", "new_player", "autoplay"


@dataclass(frozen=True)
class Sample:
    """What one sample's experiments were decided to be, and whether they found the truth."""

    actions: dict[str, str]
    verdicts: dict[str, str]
    inside: dict[tuple[str, str], bool]
    """By experiment and metric: the true average effect lies in the deciding interval."""


def decided(seed: int, home: Home) -> Sample:
    """Make the sample of a seed, run it, and compare with its potential outcomes.

    The run must do without the true answers: they are away meanwhile.
    """
    home.landing.mkdir(parents=True)
    assert command("demo", "--seed", str(seed), home=home).code == 0
    hidden = (home.root / "truths.json").rename(home.root.with_suffix(".json"))
    ran = command("run", home=home)
    assert ran.code == 0, ran.output
    truths = json.loads(hidden.read_text(encoding="utf-8"))["experiments"]
    with published(home) as connection:
        decisions = connection.execute(
            "select experiment_name, verdict, action from experiments.decisions"
            " where variant = 'all'"
        ).fetchall()
        intervals = connection.execute(
            "select experiment_name, metric_name, deciding_low, deciding_high"
            " from experiments.results where segment_name = 'all' and analysis_set = 'default'"
            " and metric_name in ('songs', 'likes')"
        ).fetchall()
    return Sample(
        {name: action for name, _, action in decisions},
        {name: verdict for name, verdict, _ in decisions},
        {
            (name, metric): low
            <= truths[name]["potential_outcomes"][metric]["average_effect"]
            <= high
            for name, metric, low, high in intervals
        },
    )


@pytest.mark.long
def test_over_twenty_samples_experiments_are_decided_as_planted(tmp_path: Path) -> None:
    samples = []
    for seed in SEEDS:
        home = Home(tmp_path / str(seed))
        samples.append(decided(seed, home))
        shutil.rmtree(home.root)
    assert sum(sample.actions[REAL] == "ship" for sample in samples) >= 15
    assert sum(sample.actions[NONE] == "ship" for sample in samples) <= 3
    assert sum(sample.verdicts[BROKEN] == "invalid" for sample in samples) >= 18
    assert not any(sample.actions[HARMED] == "ship" for sample in samples)
    inside = Counter(key for sample in samples for key, is_in in sample.inside.items() if is_in)
    # Devices merged after exposure, an odd ratio, a harmed guardrail, a novelty, a season: in all
    # of them the truth is found.
    assert len(samples[0].inside) == 8
    assert {key: count for key, count in inside.items() if count < 17} == {}
