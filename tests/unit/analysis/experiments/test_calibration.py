"""The calibration's own machinery: the truths it draws from, and a few trials read by it."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.calibration.designs import CORRELATION, DESIGNS, Design, cumulated, draw_arm
from benchmarks.calibration.trials import run_trials
from benchmarks.calibration.verdicts import Truth, count_outcomes
from pm_pipeline.analysis.experiments import Moments
from pm_pipeline.analysis.experiments.arms import covariate_score, metric_score

UNITS = 200_000


@pytest.mark.parametrize("design", DESIGNS, ids=lambda design: design.name)
def test_a_design_has_the_mean_spread_and_correlation_it_states(design: Design) -> None:
    (moments,) = cumulated(draw_arm(design, np.random.default_rng(81), 1, UNITS, 0.0))
    metric, before = metric_score(moments, design.kind), covariate_score(moments, design.kind)
    assert metric is not None and before is not None
    spread = moments.variance(metric.weights) ** 0.5
    assert metric.value == pytest.approx(design.mean, abs=5 * spread / UNITS**0.5)
    assert spread == pytest.approx(design.spread, rel=0.1)
    together = moments.covariance(metric.weights, before.weights)
    found = together / spread / moments.variance(before.weights) ** 0.5
    assert found == pytest.approx(CORRELATION, abs=0.05)


@pytest.mark.parametrize("design", DESIGNS, ids=lambda design: design.name)
def test_moments_at_each_days_end_are_those_of_all_units_so_far(design: Design) -> None:
    variables = draw_arm(design, np.random.default_rng(85), 3, 40, 0.1)
    for day, moments in enumerate(cumulated(variables), start=1):
        expected = Moments.of_values(*(one[:day].ravel().tolist() for one in variables))
        assert moments.count == expected.count
        assert moments.means == pytest.approx(expected.means, rel=1e-12)
        assert np.array(moments.comoments) == pytest.approx(
            np.array(expected.comoments), rel=1e-9, abs=1e-9
        )


def test_trials_with_a_large_effect_are_found_by_every_reading() -> None:
    plain, cuped = run_trials(DESIGNS[0], 2, effect_in_spreads=0.3, seed=82, adjusted=[False, True])
    for counts in (plain, cuped):
        assert counts.fixed_rejects == counts.grouped_rejects == counts.sequence_rejects == 2
    assert plain.reduction == 0
    assert cuped.reduction == pytest.approx(0.36, abs=0.03)


def test_decisions_on_a_broken_ratio_and_on_a_clear_gain() -> None:
    broken = count_outcomes(Truth("broken", 20_000, control_share=0.45), 5, 83)
    assert broken["invalid"] == 5
    gained = count_outcomes(Truth("gained", 20_000, gain=0.2), 5, 84)
    assert gained["ship"] == 5
