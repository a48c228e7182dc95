"""Published experiments through the statistics: the figures that others computed independently."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import duckdb
import pytest

from pm_pipeline.analysis.experiments import Comparison, Moments, Reading, compare, merged
from pm_pipeline.analysis.experiments.arms import MetricKind

pytestmark = pytest.mark.shared

COOKIE_CATS = """
    select count(*), sum({metric}::int), avg({metric}::int), var_samp({metric}::int)
    from read_parquet('{file}') where {where} group by version order by version
"""
ASOS = """
    select [experiment_id, variant_id::varchar, metric_id::varchar]::varchar,
        count_c::bigint, mean_c, variance_c, count_t::bigint, mean_t, variance_t
    from read_parquet('{file}') order by 1, time_since_start
"""
ASOS_UNITS = 500_000


def of_two(
    control: Moments, variant: Moments, kind: MetricKind, reading: Reading
) -> Comparison | None:
    both = [merged([control, variant])]
    result = compare([control], [variant], both, kind, reading, use_covariate=False)
    return result if isinstance(result, Comparison) else None


def cookie_cats(folder: Path, metric: str, kind: MetricKind, where: str = "true") -> Comparison:
    file = folder / "experiments" / "cookie_cats.parquet"
    query = COOKIE_CATS.format(metric=metric, file=file, where=where)
    rows = duckdb.connect().execute(query).fetchall()
    control, variant = (
        Moments.of_successes(count, int(total))
        if kind == "proportion"
        else Moments.of_variance(count, mean, variance)
        for count, total, mean, variance in rows
    )
    result = of_two(control, variant, kind, Reading())
    assert result is not None
    return result


def test_cookie_cats_retention(shared_data: Path) -> None:
    week = cookie_cats(shared_data, "retention_7", "proportion")
    assert week.successes == (8_502, 8_279)
    assert week.units == (44_700, 45_489)
    assert week.difference.estimate == pytest.approx(-0.008201, abs=5e-7)
    assert week.p_value() == pytest.approx(0.001554, abs=5e-7)
    assert week.interval(0.05) == pytest.approx((-0.013282, -0.003121), abs=5e-7)
    day = cookie_cats(shared_data, "retention_1", "proportion")
    assert day.difference.estimate == pytest.approx(-0.005905, abs=5e-7)
    assert day.p_value() == pytest.approx(0.07441, abs=5e-6)


def test_cookie_cats_rounds(shared_data: Path) -> None:
    rounds = cookie_cats(shared_data, "sum_gamerounds", "mean")
    assert rounds.difference.estimate == pytest.approx(-1.15749, abs=5e-6)
    assert rounds.p_value() == pytest.approx(0.37592, abs=5e-6)
    without = cookie_cats(shared_data, "sum_gamerounds", "mean", "sum_gamerounds < 49854")
    assert without.difference.estimate == pytest.approx(-0.04334, abs=5e-6)
    assert without.p_value() == pytest.approx(0.94947, abs=5e-6)


def test_asos_at_the_last_look_peeking_and_with_the_sequence(shared_data: Path) -> None:
    file = shared_data / "experiments" / "asos_digital_experiments.parquet"
    rows = duckdb.connect().execute(ASOS.format(file=file)).fetchall()
    reading = Reading(0.05, "sequential", ASOS_UNITS)
    last: dict[str, bool | None] = {}
    ever: dict[str, bool] = defaultdict(bool)
    in_sequence: dict[str, bool] = defaultdict(bool)
    for arm, *figures in rows:
        result = None
        if None not in figures:
            control, variant = Moments.of_variance(*figures[:3]), Moments.of_variance(*figures[3:])
            result = of_two(control, variant, "mean", reading)
        if result is None:
            last[arm] = None
            continue
        p, always_valid = result.p_value(), result.deciding_p()
        last[arm] = p is not None and p <= 0.05
        ever[arm] |= last[arm]
        in_sequence[arm] |= always_valid is not None and always_valid <= 0.05
    known = [significant for significant in last.values() if significant is not None]
    assert (sum(known), len(known)) == (105, 381)
    assert sum(ever.values()) == 224
    assert sum(in_sequence.values()) == 96
