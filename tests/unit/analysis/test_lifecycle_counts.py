"""How often stages are wrong and how soon a decline is found, on simulated series.

All 200 seeds are minutes long; a few of them run in every build.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import pytest
from lifecycle_series import noisy_weeks, stages

ALL_SEEDS = range(1, 201)
FEW_SEEDS = range(1, 21)
FLAT = [(0.0, 0.10, 0.05), (0.8, 0.05, 0.05), (0.8, 0.10, 0.20), (0.9, 0.05, 0.20)]
BREAKS = [(0.0, 0.10, 17, 0.90), (0.8, 0.05, 52, 0.95)]
BREAK_WEEK = 52


def ever(phi: float, sd: float, seeds: Iterable[int]) -> Counter[str]:
    """In how many seeds was a flat series ever in a stage?"""
    found: Counter[str] = Counter()
    for seed in seeds:
        found.update({week.stage for week in stages(noisy_weeks(seed, phi=phi, sd=sd))})
    return found


def found_decline(phi: float, sd: float, within: int, seeds: Iterable[int]) -> list[bool]:
    """By seed: was the decline of 2 % a week found within so many weeks, and not before it?"""
    found = []
    for seed in seeds:
        weeks = stages(noisy_weeks(seed, phi=phi, sd=sd, breaks_at=BREAK_WEEK))
        found.append(any(week.stage == "decline" for week in weeks[BREAK_WEEK:][:within]))
    return found


@pytest.mark.parametrize(("phi", "sd", "most"), FLAT[:2])
def test_few_flat_series_grow_or_decline(phi: float, sd: float, most: float) -> None:
    found = ever(phi, sd, FEW_SEEDS)
    assert max(found["decline"], found["growth"]) <= most * len(FEW_SEEDS), found
    assert found["maturity"] == len(FEW_SEEDS)
    assert found["introduction"] == 0


def test_some_declines_are_found() -> None:
    phi, sd, within, _ = BREAKS[0]
    assert sum(found_decline(phi, sd, within, FEW_SEEDS)) >= 0.9 * len(FEW_SEEDS)


@pytest.mark.long
@pytest.mark.parametrize(("phi", "sd", "most"), FLAT)
def test_flat_series_seldom_grow_or_decline(phi: float, sd: float, most: float) -> None:
    found = ever(phi, sd, ALL_SEEDS)
    print(f"phi {phi} sd {sd}, of {len(ALL_SEEDS)}: {dict(found)}")
    assert max(found["decline"], found["growth"]) <= most * len(ALL_SEEDS), found


@pytest.mark.long
@pytest.mark.parametrize(("phi", "sd", "within", "least"), BREAKS)
def test_a_decline_is_found_in_time(phi: float, sd: float, within: int, least: float) -> None:
    share = sum(found_decline(phi, sd, within, ALL_SEEDS)) / len(ALL_SEEDS)
    print(f"phi {phi} sd {sd}: decline found within {within} weeks {share:.1%}")
    assert share >= least
