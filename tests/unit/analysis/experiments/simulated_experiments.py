"""Simulated experiments as sufficient statistics, with plans that fit them.

Belongs here: units drawn at random and their moments. Does not belong here: what is concluded.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from pm_pipeline.analysis.experiments import (
    Effect,
    Facts,
    Health,
    Metric,
    Moments,
    Plan,
    Readout,
    Slice,
    SliceKey,
    read_out,
)
from pm_pipeline.analysis.experiments.experiment import Decision, decide_experiment

SONGS = Metric("songs", "mean", "primary")
SHARED = Metric("shared", "proportion", "primary", has_covariate=False)
PER_SONG = Metric("seconds_per_song", "ratio", "secondary")
CRASHES = Metric("crashes", "mean", "guardrail", "lower_is_better", Effect(0.05, is_relative=True))


@dataclass
class Simulated:
    """Units of each arm; ``songs`` is normal around 10 with standard deviation 3."""

    units: dict[str, int]
    effects: dict[str, float] = field(default_factory=dict)
    """On songs, by variant, in songs."""
    harm: dict[str, float] = field(default_factory=dict)
    """On crashes, whose mean is 4 and standard deviation 1."""
    seed: int = 1
    platforms: tuple[str, ...] = ("ios", "web")
    ios_only: bool = False
    """Whether the effect is there on ios alone."""

    def slices(self) -> dict[SliceKey, Slice]:
        """Return the slices of all metrics, in total and by platform."""
        generator = np.random.default_rng(self.seed)
        arms: dict[SliceKey, dict[str, list[Moments]]] = {}
        for variant, units in self.units.items():
            platform = generator.choice(self.platforms, size=units)
            before = generator.normal(10, 3, size=units)
            effect = np.full(units, self.effects.get(variant, 0.0))
            if self.ios_only:
                effect *= platform == "ios"
            songs = 4 + 0.6 * before + generator.normal(0, 2.4, size=units) + effect
            plays = 1.0 + generator.poisson(5, size=units)
            seconds = plays * generator.gamma(20, 10, size=units)
            crashes = generator.normal(4 + self.harm.get(variant, 0.0), 1, size=units)
            shared = (generator.uniform(size=units) < 0.3).astype(float)
            values = {
                "songs": (songs, None, before, None),
                "shared": (shared, None, None, None),
                "seconds_per_song": (seconds, plays, None, None),
                "crashes": (crashes, None, None, None),
            }
            groups = [("all", "all", np.full(units, True))]
            groups += [("platform", name, platform == name) for name in self.platforms]
            for metric, columns in values.items():
                for dimension, value, chosen in groups:
                    key = SliceKey(metric, "default", dimension, value)
                    moments = Moments.of_values(
                        *(None if column is None else column[chosen] for column in columns)
                    )
                    arms.setdefault(key, {})[variant] = [moments]
        return {key: Slice(by_variant, {}) for key, by_variant in arms.items()}


def plan_of(simulated: Simulated, *metrics: Metric, **more: object) -> Plan:
    """Return a plan with equal shares for the simulated arms; the first is the control."""
    names = list(simulated.units)
    chosen = metrics or (SONGS, SHARED, PER_SONG, CRASHES)
    return Plan("onboarding", dict.fromkeys(names, 1 / len(names)), names[0], chosen, **more)  # type: ignore[arg-type]


def decided(
    simulated: Simulated,
    plan: Plan,
    health: list[Health] | None = None,
    *,
    has_ended: bool = False,
    units_per_day: float | None = None,
) -> tuple[Readout, dict[str, Decision]]:
    """Read out and decide."""
    slices = {
        key: part
        for key, part in simulated.slices().items()
        if key.metric_name in {metric.name for metric in plan.metrics}
    }
    readout = read_out(plan, slices)
    facts = Facts(simulated.units, simulated.units, has_ended, units_per_day)
    decisions = decide_experiment(plan, readout, health or [], slices, facts)
    return readout, {decision.variant: decision for decision in decisions}
