"""Sufficient statistics keep their digits and can be cut and put together at will."""

from __future__ import annotations

import numpy as np
import pytest

from pm_pipeline.analysis.experiments import Moments, merged
from tests.unit.analysis.experiments.experiment_inputs import random_arms


def test_slices_put_together_are_the_whole() -> None:
    generator = np.random.default_rng(7)
    for number, arm, _ in random_arms(1):
        cuts = np.sort(generator.integers(0, arm.shape[1], size=number % 9))
        slices = [Moments.of_values(*part) for part in np.split(arm, cuts, axis=1)]
        whole = merged(slices)
        assert whole.count == arm.shape[1]
        np.testing.assert_allclose(whole.means, arm.mean(axis=1), rtol=1e-12)
        covariances = np.cov(arm)
        np.testing.assert_allclose(
            np.array(whole.comoments) / (whole.count - 1),
            covariances,
            rtol=1e-9,
            atol=1e-9 * covariances.max(),
        )


def test_a_large_common_level_costs_no_digit() -> None:
    """Sums of squares give -201.9 here."""
    values = 1e8 + np.random.default_rng(3).uniform(size=100_000)
    days = [Moments.of_values(part) for part in np.split(values, 50)]
    assert merged(days).variance((1, 0, 0, 0)) == pytest.approx(np.var(values, ddof=1), rel=1e-9)


def test_nothing_put_together_is_nothing() -> None:
    assert merged([]) == Moments()
    assert merged([Moments(), Moments.of_values([1.0, 3.0]), Moments()]).means[0] == 2.0


def test_a_weighted_sum_varies_as_its_values_do() -> None:
    _, arm, _ = next(random_arms(5))
    weights = (0.5, -2.0, 0.0, 3.0)
    others = (0.0, 1.0, 1.0, 0.0)
    moments = Moments.of_values(*arm)
    assert moments.mean(weights) == pytest.approx(np.mean(weights @ arm), rel=1e-10)
    assert moments.variance(weights) == pytest.approx(np.var(weights @ arm, ddof=1), rel=1e-9)
    expected = np.cov(weights @ arm, others @ arm)[0, 1]
    assert moments.covariance(weights, others) == pytest.approx(expected, rel=1e-9)


def test_successes_are_a_mean_of_zeros_and_ones() -> None:
    direct = Moments.of_values([1.0] * 13 + [0.0] * 197)
    counted = Moments.of_successes(210, 13)
    assert counted.successes == direct.successes == 13
    assert counted.means == direct.means
    assert counted.variance((1, 0, 0, 0)) == pytest.approx(direct.variance((1, 0, 0, 0)))
