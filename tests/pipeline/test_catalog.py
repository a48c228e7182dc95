"""The catalog: pictures, column lineage, readers and freshness, and its pages in a real browser."""

from __future__ import annotations

import base64
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import closing
from socket import socket
from typing import Any
from urllib.error import URLError
from urllib.parse import urlsplit
from xml.etree import ElementTree

import dagster as dg
import duckdb
import pytest

from pm_pipeline.catalog.answers import QUERIES
from pm_pipeline.catalog.drawing import INLINE_CHARACTERS, small_picture
from pm_pipeline.catalog.pictures import SUBJECTS, pictures
from pm_pipeline.catalog.readers import FRESHNESS
from pm_pipeline.definitions import defs
from pm_pipeline.home import Home
from tests.architecture.test_asset_specs import GROUPS
from tests.conftest import REPOSITORY
from tests.fixtures.browser import open_browser
from tests.pipeline.dagster_homes import environment, history

WITHOUT_LINEAGE = {
    "intermediate/int_experiment_periods",  # of what definitions say
    "intermediate/int_run_window",  # of constants
    # Unnest what nobody can follow without running it:
    "intermediate/int_funnel_events",
    "intermediate/int_retention_start_values",
}
Shown = dict[str, dict[str, dg.MetadataValue]]
PICTURES = "img[src^='data:image/svg']"
WIDTHS = f"""() => [...document.querySelectorAll("{PICTURES}")].map(each => each.naturalWidth)"""


@pytest.fixture(scope="module")
def metadata(demo_home: Home) -> Shown:
    """What the last materialization of each asset shows."""
    shown = {}
    with history(demo_home) as instance:
        for key in defs.resolve_asset_graph().get_all_asset_keys():
            event = instance.get_latest_materialization_event(key)
            assert event is not None, key
            assert event.asset_materialization is not None
            shown[key.to_user_string()] = dict(event.asset_materialization.metadata)
    return shown


def svg_of(markdown: dg.MetadataValue) -> ElementTree.Element:
    address = str(markdown.value).rpartition("(")[2].rstrip(")")
    assert address.startswith("data:image/svg+xml;base64,")
    return ElementTree.fromstring(base64.b64decode(address.partition(",")[2]))


NOT_IN_THE_DEMO = {
    "goals.anomalies": "create table goals.anomalies as select 'daily_active_users' as metric_name,"
    " date '2026-01-01' + cast(n as integer) as activity_date, 500 + 9 * (n % 7) as value,"
    " 503 as expected, 400 as expected_low, 600 as expected_high from range(90) as days (n)",
    "goals.survey_scores": "create table goals.survey_scores as select 'loyal' as survey_name,"
    " date '2026-01-01' + cast(31 * n as integer) as period_start, 'all' as segment_name,"
    " true as is_complete, 30 + n as score, 20.0 as score_low, 40.0 as score_high"
    " from range(12) as months (n)",
}
"""Sixty days judge no day and have few answers: by table, rows as they would be."""


def shown_of(table: str, metadata: Shown) -> Mapping[str, Any]:
    """What the catalog shows of a table, in the demo or of made-up rows."""
    if table not in NOT_IN_THE_DEMO:
        return metadata[table.replace(".", "/")]
    with duckdb.connect() as connection:
        connection.execute("create schema goals")
        connection.execute(NOT_IN_THE_DEMO[table])
        drawn = pictures(connection, table)
    return {name: dg.MetadataValue.md(text) for name, text in drawn.items()}


@pytest.mark.parametrize("table", SUBJECTS)
def test_every_picture_is_drawn(table: str, metadata: Shown) -> None:
    shown = shown_of(table, metadata)
    assert len(str(shown["chart"].value)) > INLINE_CHARACTERS
    marks = [
        each
        for each in svg_of(shown["chart"]).iter()
        if each.tag.endswith("path") and len(each.get("d", "")) > 20
    ]
    assert marks
    assert ("trend" in shown) == SUBJECTS[table].has_trend
    if "trend" in shown:
        assert len(str(shown["trend"].value)) < INLINE_CHARACTERS
        (line,) = svg_of(shown["trend"])
        assert "L" in line.get("d", "")


def course_of(values: list[float | None]) -> str:
    (line,) = svg_of(dg.MetadataValue.md(small_picture("course", values)))
    return line.get("d", "")


def test_a_small_picture_stays_small() -> None:
    steep: list[float | None] = [float(10**9 * (place % 2)) for place in range(400)]
    broken = [value or None for value in steep]
    for values in (steep, broken):
        words = "[a] `name` <of> " + "many words " * 5
        assert len(small_picture(words, values)) < INLINE_CHARACTERS
    assert course_of([3.0, 3.0]) == "M2,34h0L178,34"


def test_a_small_picture_is_broken_where_there_is_no_value() -> None:
    assert course_of([None, 2.0, None, 4.0, 3.0]) == "M46,34h0M134,2h0L178,18"
    assert course_of([1.0, None]) == "M2,34h0"


def test_answers_are_shown_at_once_and_their_figures_plotted(metadata: Shown) -> None:
    verdicts = metadata["experiments/decisions"]["last result"].value
    assert {record.data["experiment"] for record in verdicts.records} == {
        "autoplay", "blue_button", "new_player", "short_onboarding",
    }  # fmt: skip
    assert all(record.data["verdict"] and record.data["reason"] for record in verdicts.records)
    goals = metadata["goals/progress"]
    assert float(goals["weekly_listeners"].value) > 0
    assert [column.name for column in goals["last result"].value.schema.columns][:2] == [
        "goal", "value",
    ]  # fmt: skip
    for table in ("experiments/hypotheses", "funnels/conversion", "goals/problems",
                  "goals/roadmap", "lifecycle/product_stages"):  # fmt: skip
        assert metadata[table]["last result"].value.records, table


WITHOUT_A_LAST_RESULT = {
    "goals/anomalies",  # unless something was unlike itself on the last day
    "lifecycle/survival",  # sixty days have no old users
    "quality/publications",  # the first one is written after the models
    "quality/restatements",  # and restates nothing
}
PERSONAL = {"user_id", "source_user_id", "unit_id", "device_id", "record", "properties"}


def test_every_published_table_shows_its_last_result(metadata: Shown) -> None:
    published = {
        node.key.to_user_string()
        for node in defs.resolve_asset_graph().asset_nodes
        if node.group_name in ("marts", "analysis")
    }
    answered = {file.name.removesuffix(".last.sql").replace(".", "/")
                for file in QUERIES.glob("*.last.sql")}  # fmt: skip
    assert answered == published
    without = {key for key in published if "last result" not in metadata[key]}
    assert without <= WITHOUT_A_LAST_RESULT
    for key in published - without:
        shown = metadata[key]["last result"].value
        assert shown.records, key
        # What the catalog shows stays in the history of runs, where nobody can be forgotten.
        assert not PERSONAL & {column.name for column in shown.schema.columns}, key
    assert float(metadata["engagement/active_users"]["weekly_active_users"].value) > 0


def test_columns_know_what_they_are_made_from(
    metadata: Shown,
) -> None:
    graph = defs.resolve_asset_graph()
    without = set()
    for key, shown in metadata.items():
        node = graph.get(dg.AssetKey(key.split("/")))
        if "dagster/column_lineage" not in shown:
            without.add(key)
            continue
        found = shown["dagster/column_lineage"].value
        for sources in found.deps_by_column.values():
            assert {source.asset_key for source in sources} <= set(node.parent_keys)
    models = {key for key in metadata if "dagster_dbt/unique_id" in graph.get(
        dg.AssetKey(key.split("/"))).metadata}  # fmt: skip
    from_state = {key for key in models if key.startswith("quality/")}
    # Without a definition of its kind a model selects nothing from nowhere.
    empty = {
        key
        for key in models
        if "dagster/row_count" in metadata[key] and not metadata[key]["dagster/row_count"].value
    }
    assert without & models - from_state - empty == WITHOUT_LINEAGE
    lineage = metadata["engagement/active_users"]["dagster/column_lineage"].value
    assert {"events_count", "stickiness_rate"} <= set(lineage.deps_by_column)


def test_every_asset_says_for_whom_it_is_and_how_old_it_may_be() -> None:
    for node in defs.resolve_asset_graph().asset_nodes:
        assert node.metadata["for"], node.key
        assert node.freshness_policy == FRESHNESS, node.key


@pytest.fixture(scope="module")
def address(demo_home: Home) -> Iterator[str]:
    """The catalog of the demo, served on this machine."""
    with closing(socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "dagster_webserver", "-h", "127.0.0.1", "-p", str(port),
         "-w", "workspace.yaml"],
        env=environment(demo_home), cwd=REPOSITORY,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        started = time.monotonic()
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/server_info", timeout=5).close()
                break
            except (URLError, TimeoutError):
                assert server.poll() is None and time.monotonic() - started < 180
                time.sleep(0.5)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()


def test_the_graph_draws_the_groups_in_the_order_of_the_flow(address: str) -> None:
    with open_browser() as browser:
        page = browser.new_page()
        page.goto(f"{address}/asset-groups")
        places = []
        for group in GROUPS:
            drawn = page.wait_for_selector(f'svg foreignObject >> text="{group}"', timeout=60_000)
            box = drawn.bounding_box()
            assert box is not None
            places.append(box["x"])
    assert places == sorted(set(places))


def test_the_pages_show_pictures_and_ask_no_other_machine(address: str) -> None:
    said, hosts = [], set()
    with open_browser() as browser:
        page = browser.new_page()
        page.on("console", lambda each: said.append(each.text) if each.type == "error" else None)
        page.on("request", lambda each: hosts.add(urlsplit(each.url).hostname))
        for table, has_trend in {
            "engagement/active_users": True,
            "experiments/results": False,
        }.items():
            page.goto(f"{address}/assets/{table}")
            page.wait_for_selector("text=Show Markdown", timeout=60_000)
            if has_trend:
                page.wait_for_selector(PICTURES)
            assert page.locator(PICTURES).count() == int(has_trend)
            page.click("text=Show Markdown")
            page.wait_for_selector(f"[role=dialog] {PICTURES}")
            widths = page.evaluate(WIDTHS)
            assert len(widths) == 1 + has_trend
            assert all(width > 100 for width in widths)
        page.goto(f"{address}/assets/experiments/decisions")
        page.wait_for_selector("text=short_onboarding")
    assert said == []
    assert hosts - {None} == {"127.0.0.1"}
