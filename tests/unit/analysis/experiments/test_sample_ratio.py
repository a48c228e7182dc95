"""Sample ratio: the published vectors, scipy on random counts, phases, and the daily look."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from pm_pipeline.analysis.experiments.sample_ratio import (
    PhaseCounts,
    fixed_ratio,
    sequential_ratio,
)
from tests.unit.analysis.experiments.experiment_inputs import CONFIGURATIONS, vectors

K = 10_000.0


@pytest.mark.shared
@pytest.mark.parametrize("name", ["srm_two", "srm_three", "srm_uneq"])
def test_published_ratios(name: str) -> None:
    case = vectors()[name]
    inputs, expected = case["inputs"], case["expected"]
    test = fixed_ratio([PhaseCounts(tuple(inputs["weights"]), (tuple(inputs["counts"]),))])
    assert test.chi_square == pytest.approx(expected["chi2"], rel=1e-9)
    assert test.degrees == expected["df"]
    assert test.p_value == pytest.approx(expected["p"], rel=1e-9)


@pytest.mark.shared
def test_published_sequence() -> None:
    case = vectors()["srm_sequential_dirichlet"]
    inputs = case["inputs"]
    phase = PhaseCounts(tuple(inputs["weights"]), tuple(map(tuple, inputs["daily"])))
    found = sequential_ratio([phase], inputs["dirichlet_concentration"])
    assert found == pytest.approx(case["expected"]["p_by_day"], rel=1e-7)


def random_phases(generator: np.random.Generator, days: int) -> PhaseCounts:
    arms = int(generator.integers(2, 5))
    shares = generator.dirichlet(np.full(arms, 5.0))
    daily = generator.multinomial(int(generator.integers(50, 3_000)), shares, size=days)
    return PhaseCounts(tuple(shares.tolist()), tuple(tuple(day) for day in daily.tolist()))


def test_fixed_ratio_against_scipy() -> None:
    generator = np.random.default_rng(31)
    for _ in range(CONFIGURATIONS):
        phase = random_phases(generator, 3)
        counts = np.array(phase.counts)
        oracle = stats.chisquare(counts, counts.sum() * np.array(phase.shares))
        test = fixed_ratio([phase])
        assert test.chi_square == pytest.approx(oracle.statistic, rel=1e-9)
        assert test.p_value == pytest.approx(oracle.pvalue, rel=1e-9)


def test_sequential_ratio_against_scipy() -> None:
    """The evidence is the chance of the counts under the prior, over that under the plan."""
    generator = np.random.default_rng(32)
    for number in range(CONFIGURATIONS):
        phases = [random_phases(generator, 4) for _ in range(1 + number % 2)]
        expected, least = [], 1.0
        for day in range(1, 5):
            evidence = 0.0
            for phase in phases:
                shares = np.array(phase.shares)
                counts = np.array(phase.daily[:day]).sum(axis=0)
                prior = stats.dirichlet_multinomial(K * shares, counts.sum())
                plan = stats.multinomial(counts.sum(), shares / shares.sum())
                evidence += prior.logpmf(counts) - plan.logpmf(counts)
            least = min(least, float(np.exp(-max(evidence, 0))))
            expected.append(least)
        assert sequential_ratio(phases, K) == pytest.approx(expected, rel=1e-9)


def test_phases_with_other_shares_are_no_fault() -> None:
    ramp = PhaseCounts((0.9, 0.1), ((9_050, 1_002), (0, 0)))
    full = PhaseCounts((0.5, 0.5), ((0, 0), (20_100, 20_050)))
    together = PhaseCounts((0.7, 0.3), ((9_050, 1_002), (20_100, 20_050)))
    test, alone = fixed_ratio([ramp, full]), [fixed_ratio([phase]) for phase in (ramp, full)]
    assert test.chi_square == pytest.approx(sum(part.chi_square for part in alone))
    assert test.degrees == 2
    assert test.p_value is not None and test.p_value > 0.1
    assert min(sequential_ratio([ramp, full], K)) > 0.1
    mixed = fixed_ratio([together]).p_value
    assert mixed is not None and mixed < 1e-6


def test_units_in_a_variant_without_a_share_cannot_be() -> None:
    assert fixed_ratio([PhaseCounts((1.0, 0.0), ((100, 1),))]).p_value == 0.0
    assert sequential_ratio([PhaseCounts((1.0, 0.0), ((100, 0), (0, 1)))], K) == [1.0, 0.0]
    assert fixed_ratio([PhaseCounts((1.0, 0.0), ((100, 0),))]).p_value is None


def test_without_units_there_is_no_p() -> None:
    assert fixed_ratio([PhaseCounts((0.5, 0.5), ())]).p_value is None
    assert fixed_ratio([]).p_value is None
    assert sequential_ratio([], K) == []
    assert sequential_ratio([PhaseCounts((0.5, 0.5), ((0, 0),))], K) == [1.0]


def test_a_broken_ratio_is_found_on_the_way_and_stays_found() -> None:
    days = tuple((40 + day % 2, 60) for day in range(60))
    found = sequential_ratio([PhaseCounts((0.5, 0.5), days)], K)
    assert found[0] > 0.5
    assert found[-1] < 1e-6
    assert found == sorted(found, reverse=True)
