"""Inputs of the tests of experiments: moments from sums, random arms.

Belongs here: making inputs in plain numpy. Does not belong here: expected results.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from pm_pipeline.analysis.experiments import Comparison, Moments, Reading, compare, merged
from pm_pipeline.analysis.experiments.arms import MetricKind
from tests.conftest import SHARED_DATA

Array = npt.NDArray[np.float64]
CONFIGURATIONS = 200
EXACT = 1e-9


@cache
def vectors() -> dict[str, dict[str, Any]]:
    """The published test vectors by their id."""
    file = SHARED_DATA.parent / "vectors" / "experiment_vectors.json"
    if not file.exists():
        pytest.skip("no vectors beside the checkout")
    return {case["id"]: case for case in json.loads(file.read_text())["cases"]}


def of_sums(sums: dict[str, float], *names: str) -> Moments:
    """Turn sums and sums of products, named as the vectors name them, into moments.

    ``names`` are metric, denominator, covariate, covariate denominator; '' for none.
    """
    count = int(sums["n"])
    means = np.zeros(4)
    products = np.zeros((4, 4))
    for row, left in enumerate(names):
        if not left:
            continue
        means[row] = sums[f"sum_{left}"] / count
        for column, right in enumerate(names):
            if right:
                key = f"sum_{left}_{right}"
                products[row, column] = sums[key if key in sums else f"sum_{right}_{left}"]
    comoments = products - count * np.outer(means, means)
    return Moments(count, tuple(means.tolist()), tuple(tuple(row) for row in comoments.tolist()))


def of_plain_sums(sums: dict[str, float]) -> Moments:
    """Turn n, sum and sum of squares into moments."""
    return of_sums({**sums, "sum_y": sums["sum"], "sum_y_y": sums["sum_sq"]}, "y")


def compared(
    control: Moments,
    variant: Moments,
    kind: MetricKind = "mean",
    reading: Reading | None = None,
    *,
    use_covariate: bool = False,
) -> Comparison:
    """Compare two arms of one phase; it must be defined."""
    result = compare(
        [control],
        [variant],
        [merged([control, variant])],
        kind,
        reading or Reading(),
        use_covariate=use_covariate,
    )
    assert isinstance(result, Comparison), result
    return result


def random_arms(seed: int) -> Iterator[tuple[int, Array, Array]]:
    """Yield number and two arms, each with four correlated variables in its rows.

    Sizes from 60 to 5,000, levels from 1 to 1e6, skewed or not, effects or none.
    """
    generator = np.random.default_rng(seed)
    for number in range(CONFIGURATIONS):
        level = 10.0 ** generator.uniform(0, 6)
        spread = level * generator.uniform(0.05, 0.8)
        mixing = generator.normal(size=(4, 4)) * spread / 4
        arms = []
        for _ in range(2):
            count = int(10 ** generator.uniform(1.8, 3.7))
            noise = generator.normal(size=(4, count))
            if number % 2:
                noise = generator.exponential(size=(4, count)) - 1
            shift = generator.choice([0.0, 0.01, 0.1]) * spread
            arm = level + mixing @ noise
            arm[0] += shift
            arms.append(arm)
        yield number, arms[0], arms[1]
