"""Whole decisions on experiments whose truth is known.

Belongs here: drawing them from the distribution of sample means, deciding, counting. Does not
belong here: single estimators (``trials.py``).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from pm_pipeline.analysis.experiments import (
    Effect,
    Facts,
    Metric,
    Moments,
    PhaseCounts,
    Plan,
    Slice,
    SliceKey,
    decide_experiment,
    read_out,
)
from pm_pipeline.analysis.experiments.health import sample_ratio

CONTROL, TREATMENT = "control", "treatment"
SHARES = (0.5, 0.5)
MARGIN = 0.1
"""Of the guardrails, whose standard deviation is 1."""
PRIMARIES, GUARDRAILS, DAYS = 3, 2, 28


@dataclass(frozen=True)
class Truth:
    """What is true of the experiments drawn."""

    name: str
    units: int
    control_share: float = 0.5
    harm: float = 0.0
    """How much the first guardrail really loses."""
    gain: float = 0.0
    """How much the first primary really wins."""


def plan() -> Plan:
    """Return the plan that all of them share."""
    primaries = [Metric(f"primary_{number}", "mean", "primary") for number in range(PRIMARIES)]
    margin = Effect(MARGIN, is_relative=False)
    guardrails = [
        Metric(f"guardrail_{number}", "mean", "guardrail", margin=margin)
        for number in range(GUARDRAILS)
    ]
    return Plan(
        "simulated", dict(zip((CONTROL, TREATMENT), SHARES, strict=True)), CONTROL,
        (*primaries, *guardrails),
    )  # fmt: skip


def _drawn(generator: np.random.Generator, units: int, mean: float) -> Moments:
    """Draw mean and variance of normal units directly: they are independent."""
    variance = generator.chisquare(units - 1) / (units - 1)
    return Moments.of_variance(units, mean + generator.normal() / units**0.5, variance)


def count_outcomes(truth: Truth, experiments: int, seed: int) -> Counter[str]:
    """Count actions and verdicts of ended experiments."""
    found: Counter[str] = Counter()
    planned = plan()
    for number in range(experiments):
        generator = np.random.default_rng([seed, number])
        daily = generator.binomial(truth.units // DAYS, truth.control_share, size=DAYS)
        days = tuple((int(day), truth.units // DAYS - int(day)) for day in daily)
        phase = PhaseCounts(SHARES, days)
        units = dict(zip((CONTROL, TREATMENT), phase.counts, strict=True))
        slices = {}
        for metric in planned.metrics:
            moved = {"primary_0": truth.gain, "guardrail_0": -truth.harm}.get(metric.name, 0.0)
            slices[SliceKey(metric.name)] = Slice(
                {
                    CONTROL: [_drawn(generator, units[CONTROL], 10.0)],
                    TREATMENT: [_drawn(generator, units[TREATMENT], 10.0 + moved)],
                },
                {},
            )
        health = [
            sample_ratio("sample_ratio", [phase], (CONTROL, TREATMENT), enrolment_is_over=True)
        ]
        facts = Facts(units, units, has_ended=True)
        readout = read_out(planned, slices)
        decision = decide_experiment(planned, readout, health, slices, facts)[0]
        found[decision.action] += 1
        found[decision.verdict] += 1
    return found
