"""Health: each check with an input that fails and a twin that passes."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pytest
from scipy import stats

from pm_pipeline.analysis.experiments import Health, Moments, PhaseCounts, Settings
from pm_pipeline.analysis.experiments.health import (
    excluded_units,
    imbalance,
    implausible_lifts,
    is_ready,
    is_valid,
    novelty,
    ratios_of_slices,
    readiness,
    sample_ratio,
    slices_differ,
)
from tests.unit.analysis.experiments.experiment_inputs import compared
from tests.unit.analysis.experiments.simulated_experiments import (
    SONGS,
    Simulated,
    decided,
    plan_of,
)

HALF = (0.5, 0.5)
ARMS = ("control", "short")


def ratio(*days: tuple[int, int], over: bool = False) -> Health:
    phase = PhaseCounts(HALF, days)
    return sample_ratio("sample_ratio", [phase], ARMS, enrolment_is_over=over)


def test_sample_ratio_levels() -> None:
    assert ratio((5_000, 5_050)).status == "pass"
    assert ratio((5_000, 5_270), over=True).status == "warn", "chi-square p .0077"
    assert ratio((5_000, 5_350), over=True).status == "fail", "chi-square p .0006"
    assert ratio((5_000, 5_350)).status == "warn", "while units come, only the daily look fails"
    broken = ratio(*[(420, 580)] * 20)
    assert (broken.status, broken.blocks) == ("fail", "verdict")
    assert broken.detail.startswith("42.00% of 20,000 units saw control, 50.00% were planned")
    assert (broken.observed, broken.expected) == (pytest.approx(0.42), 0.5)
    assert not is_valid([broken])
    assert ratio().status == "not_applicable"
    assert is_valid([ratio()])


def test_a_fault_that_was_repaired_stays_a_fault() -> None:
    first, then = [(300, 700)] * 3, [(1_000, 600)] * 3
    assert ratio(*first, *then, over=False).status == "fail"
    assert ratio((3_900, 3_900)).status == "pass"


@pytest.mark.shared
def test_cookie_cats_warns_and_does_not_fail(shared_data: Path) -> None:
    file = shared_data / "experiments" / "cookie_cats.parquet"
    with duckdb.connect() as connection:
        counts = connection.execute(
            f"select count(*) from read_parquet('{file}') group by version order by version"
        ).fetchall()
    row = ratio((counts[0][0], counts[1][0]), over=True)
    assert row.status == "warn"
    assert row.p_value == pytest.approx(0.008608, abs=5e-7)
    assert is_valid([row])


@pytest.mark.parametrize(
    ("excluded", "exposed", "status"),
    [
        ((3, 4), 10_000, "pass"),
        ((60, 50), 10_000, "warn"),
        ((300, 310), 10_000, "fail"),
        ((20, 45), 10_000, "warn"),
        ((20, 60), 10_000, "fail"),
        ((0, 4), 10_000, "pass"),
        ((0, 0), 0, "pass"),
    ],
)
def test_excluded_units(excluded: tuple[int, int], exposed: int, status: str) -> None:
    row = excluded_units(PhaseCounts(HALF, (excluded,)), exposed)
    assert row.status == status
    assert row.blocks == "verdict"


def test_days_and_segments_only_warn() -> None:
    slices = {f"2026-01-{day:02}": PhaseCounts(HALF, ((500, 510 + day),)) for day in range(1, 11)}
    assert {row.status for row in ratios_of_slices("day", slices)} == {"pass"}
    slices["2026-01-11"] = PhaseCounts(HALF, ((400, 600),))
    slices["2026-01-12"] = PhaseCounts(HALF, ((0, 4),))
    rows = {row.segment_value: row for row in ratios_of_slices("day", slices)}
    assert rows["2026-01-11"].status == "warn"
    assert [row.status for row in rows.values()].count("warn") == 1
    assert "2026-01-12" not in rows, "too few units for the test"
    assert is_valid(list(rows.values()))


def test_imbalance_is_corrected_over_metrics_and_arms() -> None:
    p_values = {("songs", "a"): 0.0004, ("songs", "b"): 0.2, ("seconds", "a"): None}
    rows = imbalance(p_values)
    assert [row.check_name for row in rows] == [
        "pre_exposure_imbalance:songs:a", "pre_exposure_imbalance:songs:b",
    ]  # fmt: skip
    assert [row.status for row in rows] == ["pass", "pass"]
    p_values["songs", "a"] = 0.0003
    assert [row.status for row in imbalance(p_values)] == ["warn", "pass"]


def test_implausible_lifts_and_novelty_warn() -> None:
    huge = Simulated({"control": 400, "short": 400}, {"short": 6.0})
    plan = plan_of(huge, SONGS)
    readout, _ = decided(huge, plan)
    (row,) = implausible_lifts(plan, readout)
    assert row.status == "warn"
    fine = Simulated({"control": 400, "short": 400}, {"short": 0.5})
    (row,) = implausible_lifts(plan, decided(fine, plan)[0])
    assert row.status == "pass"
    rows = novelty({("songs", "short"): 0.01, ("songs", "long"): 0.011, ("seconds", "short"): None})
    assert [row.status for row in rows] == ["warn", "pass"]
    assert is_valid(rows) and is_ready(rows)


def test_slices_that_differ_warn() -> None:
    uneven = Simulated({"control": 4_000, "short": 4_000}, {"short": 1.0}, ios_only=True)
    (row,) = slices_differ(decided(uneven, plan_of(uneven, SONGS))[0])
    assert (row.status, row.segment_name) == ("warn", "platform")
    even = Simulated({"control": 4_000, "short": 4_000}, {"short": 1.0})
    (row,) = slices_differ(decided(even, plan_of(even, SONGS))[0])
    assert row.status == "pass"


def ready(
    runtime_days: float = 7, short: int = 100, open_units: int = 200, limit: float = 0.5
) -> list[str]:
    rows = readiness(
        runtime_days=runtime_days,
        minimum_days=7,
        closed_units={"control": 110, "short": short},
        minimum_users=100,
        open_units=open_units,
        settings=Settings(immature_share=limit),
    )
    assert is_ready(rows) == all(row.status == "pass" for row in rows)
    assert is_valid(rows)
    return [row.check_name for row in rows if row.status == "fail"]


def test_readiness() -> None:
    assert ready() == []
    assert ready(runtime_days=6.9) == ["minimum_runtime"]
    assert ready(short=99) == ["minimum_users"]
    assert ready(open_units=211) == ["immature_share"]
    assert ready(open_units=211, limit=0.9) == []
    assert ready(short=0, open_units=0) == ["minimum_users"]
    nobody = readiness(
        runtime_days=9, minimum_days=7, closed_units={"control": 0, "short": 0}, minimum_users=100,
        open_units=0,
    )  # fmt: skip
    assert [row.status for row in nobody] == ["pass", "fail", "fail"]
    assert nobody[-1].detail == "no unit counts yet", "rather than that all windows are open"


def test_arms_are_compared_before_exposure_by_their_covariate() -> None:
    generator = np.random.default_rng(71)
    values = [generator.normal(size=(4, 300)) + shift for shift in (5.0, 5.3)]
    control, short = (Moments.of_values(*arm).before_exposure() for arm in values)
    result = compared(control, short)
    oracle = stats.ttest_ind(values[1][2], values[0][2], equal_var=False)
    assert result.p_value() == pytest.approx(oracle.pvalue, rel=1e-9)
    ratio_before = compared(control, short, "ratio").pair.control.value
    assert ratio_before == pytest.approx(values[0][2].mean() / values[0][3].mean())
