"""The benchmark's generator: what it promises of its events. Nothing here is timed."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from benchmarks.calibration.trials import DAYS as CALIBRATED_DAYS
from benchmarks.experiments import MODELS as EXPERIMENT_MODELS
from benchmarks.experiments import describe, measure_experiments, product_text
from benchmarks.generator import FIRST_DAY, Scale, open_generator
from benchmarks.peers.comparing import MODELS, table_of
from pm_pipeline.product import load_product
from pm_pipeline.product.models.experiment import Experiment

EVENTS = 5_000
SCALE = Scale(events=EVENTS, days=60)
PRODUCT_FILE = Path(__file__).resolve().parents[2] / "benchmarks" / "product.yml"
PEERS = PRODUCT_FILE.with_name("peers")


def made(path: Path, scale: Scale = SCALE) -> Path:
    with open_generator(scale) as generator:
        return generator.write_all(path)


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("generated") / "all.parquet")


def value(query: str, **files: Path) -> object:
    for name, path in files.items():
        query = query.replace(f"{{{name}}}", f"'{path}'")
    (row,) = duckdb.execute(query).fetchall()
    return row[0] if len(row) == 1 else row


def test_every_event_is_there_once_and_some_twice(records: Path) -> None:
    rows, events, most = value(
        "select sum(copies), count(*), max(copies) from"
        " (select event_id, count(*) as copies from {records} group by event_id)",
        records=records,
    )
    assert events == EVENTS
    assert most == 2
    assert 0.015 * EVENTS <= rows - events <= 0.025 * EVENTS


def test_copies_come_within_five_days_and_differ_in_nothing_else(records: Path) -> None:
    latest, contents = value(
        """
        select max(latest), max(contents) from (
            select
                max(received_at) - min(received_at) as latest,
                count(distinct (user_id, device_id, event_name, event_time, amount)) as contents
            from {records} group by event_id having count(*) > 1
        )
        """,
        records=records,
    )
    assert 3 <= latest.days < 5
    assert contents == 1


def test_one_in_a_hundred_is_up_to_three_days_late(records: Path) -> None:
    late, latest, earliest = value(
        """
        select count(*) filter (delay > interval 1 minute), max(delay), min(delay) from (
            select min(received_at) - any_value(event_time) as delay
            from {records} group by event_id
        )
        """,
        records=records,
    )
    assert 0.006 * EVENTS <= late <= 0.014 * EVENTS
    assert 1 <= latest.days < 3
    assert earliest.total_seconds() >= 0


def test_forty_names_of_skewed_frequency_every_day_as_many(records: Path) -> None:
    names, share, days = value(
        """
        with named as (
            select event_name, count(*) as records_count from {records} group by event_name
        )
        select
            count(*),
            max(records_count) / sum(records_count),
            (select count(distinct cast(event_time as date)) from {records})
        from named
        """,
        records=records,
    )
    assert names == 40
    assert 0.15 <= share <= 0.25
    assert 60 <= days <= 61  # a visit may pass the last midnight


def test_anonymous_events_lie_on_known_devices(records: Path) -> None:
    share, strangers = value(
        """
        select
            count(*) filter (user_id is null) / count(*),
            count(*) filter (user_id is null and device_id not in (
                select device_id from {records} where user_id is not null
            ))
        from {records}
        """,
        records=records,
    )
    assert 0.10 <= share <= 0.20
    assert strangers == 0


def test_the_same_seed_makes_the_same_bytes(records: Path, tmp_path: Path) -> None:
    assert made(tmp_path / "again.parquet").read_bytes() == records.read_bytes()
    other = made(tmp_path / "other.parquet", Scale(events=EVENTS, days=60, seed=2))
    shared = value(
        "select count(*) from {other} semi join {records} using (event_id)",
        other=other,
        records=records,
    )
    assert shared == 0


def test_files_by_day_and_month_hold_the_same_records(records: Path, tmp_path: Path) -> None:
    with open_generator(SCALE) as generator:
        months = generator.write_months(tmp_path, 50)
        days = [generator.write_days(tmp_path / f"{day}.parquet", day, day + 1) for day in (50, 51)]
    assert [file.name for file in months] == ["2024-01.parquet", "2024-02.parquet"]
    files = [str(file) for file in (*months, *days)]
    difference = value(
        f"""
        with expected as (
            select * from {{records}} where received_at < timestamp '{FIRST_DAY}' + interval 52 days
        )
        select
            (select count(*) from (from read_parquet({files!r}) except all from expected))
            + (select count(*) from (from expected except all from read_parquet({files!r})))
        """,
        records=records,
    )
    assert difference == 0


def test_lines_and_columns_hold_the_same_values(records: Path, tmp_path: Path) -> None:
    lines = made(tmp_path / "all.jsonl")
    query = """
        select count(*), count(user_id), bit_xor(hash(event_id)), round(sum(amount)),
            max(cast(event_time as timestamp))
        from {file}
    """
    assert value(query, file=lines) == value(query, file=records)


def test_its_product_file_is_valid() -> None:
    product = load_product(PRODUCT_FILE, known_checks=())
    assert product.product.segments == ("platform", "properties.plan")
    assert (len(product.features), len(product.funnels), len(product.retention)) == (3, 3, 3)


def test_every_compared_table_has_every_way() -> None:
    for kind in ("ours", "chdb"):
        assert {file.stem for file in (PEERS / "sql" / kind).glob("*.sql")} == set(MODELS)
    polars = (PEERS / "polars_way.py").read_text()
    assert all(f'"{table}": {table},' in polars for table in MODELS)


def test_models_belong_to_one_table_or_are_shared() -> None:
    found = {
        model: table_of(model)
        for model in ("int_funnel_chains", "attempts", "int_sessions", "int_events_listed", "users")
    }
    assert list(found.values()) == ["funnels", "funnels", "sessions", "shared", None]


def test_its_experiments_are_of_the_promised_shape(tmp_path: Path) -> None:
    file = tmp_path / "product.yml"
    file.write_text(product_text(50, 363), encoding="utf-8")
    product = load_product(file, known_checks=())
    assert len(product.experiments) == 50
    assert len(product.product.segments) == 4
    for experiment in product.experiments.values():
        assert len(experiment.metrics.names) == 20
        assert len(experiment.variants) == 3
    kinds = {product.metrics[name].kind for name in experiment.metrics.names}
    assert kinds == {"events", "ratio"}
    assert {_days(each) for each in product.experiments.values()} == {CALIBRATED_DAYS}


def test_its_experiments_take_people_in_as_long_as_asked(tmp_path: Path) -> None:
    file = tmp_path / "product.yml"
    file.write_text(product_text(2, 363, 98), encoding="utf-8")
    product = load_product(file, known_checks=())
    assert [_days(each) for each in product.experiments.values()] == [98, 98]


def _days(experiment: Experiment) -> int:
    assert experiment.end is not None
    return (experiment.end - experiment.start).days


@pytest.mark.long
def test_a_few_experiments_are_measured(tmp_path: Path) -> None:
    found = measure_experiments(tmp_path, Scale(5_000, 60, users=300), 3, lambda line: None)
    assert found.exposed > 50
    assert found.intake_days == CALIBRATED_DAYS
    assert found.results > 3 * 20 * 2
    assert found.models.keys() == EXPERIMENT_MODELS
    assert found.scans > 0
    assert found.milliseconds > 0
    assert len(describe(found)) == 4
