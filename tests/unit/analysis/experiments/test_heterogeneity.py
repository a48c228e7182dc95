"""Cochran's Q: the published vector and statsmodels on random slices."""

from __future__ import annotations

import numpy as np
import pytest
from statsmodels.stats.meta_analysis import combine_effects

from pm_pipeline.analysis.experiments.heterogeneity import heterogeneity
from tests.unit.analysis.experiments.experiment_inputs import CONFIGURATIONS, vectors


@pytest.mark.shared
def test_published_slices() -> None:
    case = vectors()["dimension_heterogeneity_q"]
    found = heterogeneity(case["inputs"]["effects"], case["inputs"]["variances"])
    expected = case["expected"]
    assert found is not None
    assert found.effect == pytest.approx(expected["fixed_effect"], rel=1e-8)
    assert found.standard_error == pytest.approx(expected["fixed_se"], rel=1e-8)
    assert found.q == pytest.approx(expected["Q"], rel=1e-8)
    assert found.degrees == expected["Q_df"]
    assert found.p_value == pytest.approx(expected["Q_p"], rel=1e-8)
    assert found.share == pytest.approx(expected["I2"], rel=1e-8)


def test_against_statsmodels() -> None:
    generator = np.random.default_rng(51)
    for number in range(CONFIGURATIONS):
        slices = 2 + number % 18
        effects, variances = generator.normal(size=slices), generator.uniform(0.1, 3, size=slices)
        found = heterogeneity(effects.tolist(), variances.tolist())
        oracle = combine_effects(effects, variances)
        assert found is not None
        assert found.q == pytest.approx(oracle.q, rel=1e-9)
        assert found.effect == pytest.approx(oracle.mean_effect_fe, rel=1e-9)
        assert found.p_value == pytest.approx(oracle.test_homogeneity().pvalue, rel=1e-9)


def test_one_slice_is_not_compared_with_itself() -> None:
    assert heterogeneity([], []) is None
    assert heterogeneity([1.0, 2.0], [0.5, 0.0]) is None
