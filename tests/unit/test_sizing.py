"""``size-experiment``: the metric's past against a plain scan, and the size that follows."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from pm_pipeline.analysis.experiments.history import Trial, read_past, size_from_past
from pm_pipeline.analysis.experiments.plans import Effect
from pm_pipeline.home import Home
from pm_pipeline.product import load_product
from pm_pipeline.product.definitions.experiments import counted_parts
from pm_pipeline.sizing import CannotSize, effects_of, size_lines

AS_OF = datetime(2026, 3, 1)
PEOPLE = 400
PRODUCT = """\
product: {name: Sized}
sources:
  - {name: a, path: "*.csv", format: csv, columns: {user_id: u, event_name: n, event_time: t}}
metrics:
  songs: {event: play, aggregate: count}
  long: {event: play, aggregate: count, where: "platform = 'ios'"}
  capped: {event: any, aggregate: count, cap: 3}
  days: {event: any, aggregate: unique_days}
  liked: {event: like, aggregate: proportion}
  huge: {event: play, aggregate: sum, value: "100000000000000000000000000000000 * 1e170"}
  long_rate: {numerator: long, denominator: songs}
"""
Events = list[tuple[str, datetime, str, str]]


@pytest.fixture(scope="module")
def events() -> Events:
    rng = np.random.default_rng(5)
    found = []
    for person in range(PEOPLE):
        eagerness = rng.gamma(2, 4)
        for _ in range(rng.poisson(eagerness)):
            at = AS_OF - timedelta(hours=int(rng.integers(0, 24 * 45)))
            name = str(rng.choice(["play", "play", "like", "look"]))
            found.append((f"u{person}", at, name, str(rng.choice(["ios", "web"]))))
    return found


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, events: Events) -> Home:
    home = Home(tmp_path_factory.mktemp("sized"))
    home.warehouse.mkdir(parents=True)
    home.product_file.write_text(PRODUCT)
    with duckdb.connect(str(home.published_database)) as connection:
        connection.execute(
            "create schema core; create schema quality;"
            " create table core.events (user_id varchar, event_at timestamp, event_name varchar,"
            " platform varchar, country varchar, app_version varchar, device_id varchar,"
            " properties json);"
            " create table quality.publications as select timestamp '2026-03-01' as as_of"
        )
        columns = ("user_id", "event_at", "event_name", "platform")
        rows = pa.table(dict(zip(columns, zip(*events, strict=True), strict=True)))
        connection.register("made", rows)
        connection.execute("insert into core.events by name select * from made")
    return home


def scanned(events: Events, window: int, before: int) -> dict[str, np.ndarray]:
    """Every value of a unit: after and before the first event of its week, one row a person."""
    until = AS_OF - timedelta(days=window)
    first: dict[str, datetime] = {}
    for user, at, _, _ in events:
        if until - timedelta(days=7) <= at < until:
            first[user] = min(at, first.get(user, at))
    rows = []
    for user, exposed in sorted(first.items()):
        row: list[float] = []
        for low, high in ((0, window), (-before, 0)):
            inside = [
                (at, name, platform)
                for who, at, name, platform in events
                if who == user
                and exposed + timedelta(days=low) <= at < exposed + timedelta(days=high)
                and at < AS_OF
            ]
            names = Counter(name for _, name, _ in inside)
            row += [
                names["play"],
                sum(name == "play" and platform == "ios" for _, name, platform in inside),
                min(len(inside), 3),
                len({(at - exposed) // timedelta(days=1) for at, _, _ in inside}),
                min(names["like"], 1),
            ]
        rows.append(row)
    table = np.array(rows, dtype=float)
    order = ("songs", "long", "capped", "days", "liked")
    return {name: table[:, [place, place + 5]] for place, name in enumerate(order)}


@pytest.mark.parametrize("name", ["songs", "long", "capped", "days", "liked", "long_rate"])
def test_the_past_of_a_metric_is_that_of_a_plain_scan(
    home: Home, events: Events, name: str
) -> None:
    trial = Trial(window_days=10, pre_exposure_days=6)
    parts = counted_parts(load_product(home.product_file), name)
    assert parts is not None
    kind = {"liked": "proportion", "long_rate": "ratio"}.get(name, "mean")
    with duckdb.connect(str(home.published_database), read_only=True) as connection:
        past = read_past(connection, name, kind, parts, AS_OF, trial)  # type: ignore[arg-type]
    assert past is not None
    values = scanned(events, 10, 6)
    if name == "long_rate":
        above, below = values["long"], values["songs"]
        ratios = above.sum(axis=0) / below.sum(axis=0)
        table = (above - ratios * below) / below.mean(axis=0)
        mean = ratios[0]
    else:
        table, mean = values[name], values[name][:, 0].mean()
    assert past.units == len(table) > 150
    assert past.baseline.mean == pytest.approx(mean, rel=1e-9)
    assert past.baseline.variance == pytest.approx(table[:, 0].var(ddof=1), rel=1e-9)
    expected = np.corrcoef(table[:, 0], table[:, 1])[0, 1]
    assert past.baseline.correlation == pytest.approx(expected, rel=1e-9)


def test_the_days_before_save_what_they_explain_and_every_guardrail_costs(home: Home) -> None:
    product = load_product(home.product_file)
    trial = Trial(window_days=10, pre_exposure_days=6)
    with duckdb.connect(str(home.published_database), read_only=True) as connection:
        pasts = {}
        for name in ("songs", "capped", "days"):
            past = read_past(
                connection, name, "mean", counted_parts(product, name) or [], AS_OF, trial
            )
            assert past is not None
            pasts[name] = past
    effects = {"songs": Effect(0.05, is_relative=True)}
    alone = size_from_past(pasts, effects, {}, trial)
    remaining = pasts["songs"].baseline.remaining
    assert alone.size.total / alone.plain_size.total == pytest.approx(remaining, rel=0.01)
    # Found is what was asked for, at the size that was found.
    assert alone.detectable["songs"] == pytest.approx(0.05, rel=0.01)
    margins = {"capped": Effect(0.02, is_relative=True), "days": Effect(0.02, is_relative=True)}
    one = size_from_past(pasts, effects, {"days": margins["days"]}, trial).size.by_metric["days"]
    two = size_from_past(pasts, effects, margins, trial).size.by_metric["days"]
    assert two > one


def test_the_lines_tell_users_and_days_and_faults_are_plain(home: Home) -> None:
    product = load_product(home.product_file)
    lines = list(size_lines(home, product, effects_of(["songs=10%"]), {}, Trial(10, 6)))
    assert lines[1].startswith("needed: ")
    assert lines[-1].startswith("songs: so many users find a change of ")
    with pytest.raises(CannotSize, match="plays is not one of metrics: capped"):
        list(size_lines(home, product, effects_of(["plays=10%"]), {}, Trial()))
    with pytest.raises(CannotSize, match="songs: no number of users finds a change that small"):
        list(size_lines(home, product, effects_of(["songs=0.0000000001%"]), {}, Trial(10, 6)))
    few = list(size_lines(home, product, effects_of(["songs=500%"]), {}, Trial(10, 6)))
    assert few[2] == "an experiment is not decided before 100 users an arm, however few it needs"
    assert few[2] not in lines
    with pytest.raises(CannotSize, match=r"liked is a share of 0.* it cannot change so much"):
        list(size_lines(home, product, effects_of(["liked=900%"]), {}, Trial(10, 6)))
    with pytest.raises(CannotSize, match="songs is there twice"):
        effects_of(["songs=1%", "songs=2%"])
    with pytest.raises(CannotSize, match="songs is there twice"):
        songs = effects_of(["songs=10%"])
        list(size_lines(home, product, songs, songs, Trial(10, 6)))
    with pytest.raises(CannotSize, match=r"huge .* or has values too large to be squared"):
        list(size_lines(home, product, effects_of(["huge=10%"]), {}, Trial(10, 6)))
    with pytest.raises(CannotSize, match="such as songs=5%"):
        effects_of(["songs"])
    with pytest.raises(CannotSize, match="nothing is published yet"):
        list(size_lines(Home(Path("nowhere")), product, effects_of(["songs=1"]), {}, Trial()))
