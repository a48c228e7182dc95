"""The command as a user meets it: what it says, how it exits, what it leaves behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import duckdb
import pytest

from pm_pipeline.home import Home
from pm_pipeline.lock import hold_home
from tests.conftest import REPOSITORY, age, command, copy_home, published

PRODUCT = """\
product:
  name: Tiny
sources:
  - name: app
    path: "*.jsonl"
    format: jsonl
    columns:
      user_id: user
      event_name: name
      event_time: {column: at, format: iso8601}
      event_id: id
"""


def record(number: int, day: str, **more: object) -> str:
    fields = {"id": f"e{number}", "user": f"u{number % 3}", "name": "opened"}
    return json.dumps(fields | {"at": f"{day}T10:{number % 60:02}:00Z"} | more)


def write(home: Home, name: str, *lines: str) -> Path:
    path = home.landing / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return age(path)


@pytest.fixture
def tiny(home: Home) -> Home:
    home.product_file.write_text(PRODUCT, encoding="utf-8")
    return home


def test_summary_of_a_first_run_and_nothing_new_after_it(tiny: Home) -> None:
    write(tiny, "a.jsonl", *(record(number, "2026-05-01") for number in range(5)), "{broken")
    (tiny.landing / "notes.txt").write_text("hello")
    age(tiny.landing / "notes.txt")
    tiny.product_file.write_text(PRODUCT + "checks: {rejected_share: {limit: 50%}}\n")
    first = command("run", home=tiny)
    assert first.code == 0, first.output
    for words in (
        "6 records: 5 accepted", "1 rejected", "notes.txt", "no_source", "checks", "active people",
        str(tiny.published_database), str(tiny.report_page), "next",
    ):  # fmt: skip
        assert words in first.output
    assert tiny.report_page.exists()
    log = (tiny.dagster / "last_run.log").read_text(encoding="utf-8")
    assert "OK created sql table model quality.check_results" in log
    assert "SQLQuery" not in log and "select" not in log, "dbt's words of the lowest level"
    again = command("run", home=tiny)
    assert again.code == 0, again.output
    assert "Nothing new" in again.output
    with published(tiny) as connection:
        assert connection.execute("select count(*) from quality.publications").fetchone() == (1,)
    status = command("status", home=tiny)
    assert status.code == 0
    for words in ("as of 2026-05-02", "freshness", "notes.txt", "engagement.active_users"):
        assert words in status.output
    strict = command("run", "--strict", home=tiny)
    assert strict.code == 1
    assert "notes.txt" in strict.output


def test_an_empty_landing_folder_is_published_as_empty(tiny: Home) -> None:
    ran = command("run", home=tiny)
    assert ran.code == 0, ran.output
    assert "No events yet" in ran.output
    with published(tiny) as connection:
        assert connection.execute("select count(*) from core.events").fetchone() == (0,)
        columns = connection.execute("describe core.events").fetchall()
    assert len(columns) == 18


def test_garbage_is_listed_and_the_others_go_on(tiny: Home) -> None:
    write(tiny, "good.jsonl", record(1, "2026-05-01"))
    (tiny.landing / "bad.jsonl").write_bytes(b"\x1f\x8b" + bytes(range(256)) * 4)
    age(tiny.landing / "bad.jsonl")
    ran = command("run", home=tiny)
    assert ran.code == 0, ran.output
    assert "bad.jsonl" in ran.output
    with published(tiny) as connection:
        assert connection.execute("select count(*) from core.events").fetchone() == (1,)


def test_a_broken_product_file_is_told_with_lines(tiny: Home) -> None:
    tiny.product_file.write_text(
        PRODUCT.replace("timezone", "").replace("name: Tiny", "name: Tiny\n  timezon: UTC")
    )
    for arguments in (["check"], ["run"]):
        ended = command(*arguments, home=tiny)
        assert ended.code == 2
        assert "product.yml:3" in ended.output
        assert "did you mean 'timezone'" in ended.output
        assert "Traceback" not in ended.output


def test_a_home_without_product_file(tmp_path: Path) -> None:
    ended = command("run", home=Home(tmp_path / "nowhere"))
    assert ended.code == 2
    assert "Traceback" not in ended.output
    assert "product.yml" in ended.output


@pytest.mark.parametrize(
    "flags", [["--as-of", "soon"], ["--rebuild-from", "yesterday"], ["--no-such-flag"]]
)
def test_bad_flags(tiny: Home, flags: list[str]) -> None:
    ended = command("run", *flags, home=tiny)
    assert ended.code == 2
    assert "Traceback" not in ended.output


def test_two_runs_at_once(tiny: Home) -> None:
    with hold_home(tiny):
        ended = command("run", home=tiny)
    assert ended.code == 3
    assert f"process {os.getpid()}" in ended.output


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_home_that_cannot_be_written(tiny: Home) -> None:
    tiny.root.chmod(0o500)
    try:
        ended = command("run", home=tiny)
    finally:
        tiny.root.chmod(0o700)
    assert ended.code == 3
    assert "no permission" in ended.output


def test_a_home_below_a_file_cannot_start(tiny: Home) -> None:
    (tiny.root / "state").write_text("a file where a folder must be")
    ended = command("run", home=tiny)
    assert ended.code == 3
    assert "Traceback" not in ended.output


def test_failing_gate_publishes_nothing_twice_and_readers_see_the_last_publication(
    tiny: Home, tmp_path: Path
) -> None:
    """Three runs, the second failing gate A after ingest, under a reader who never lets go."""
    write(tiny, "day1.jsonl", *(record(number, "2026-05-01") for number in range(40)))
    assert command("run", home=tiny).code == 0
    reader = subprocess.Popen(
        [sys.executable, "-c", READER, str(tiny.published_database), str(tmp_path / "stop")],
        stdout=subprocess.PIPE,
        text=True,
    )
    write(tiny, "day2.jsonl", record(100, "2026-05-02"), *["{broken"] * 30)
    for _ in range(2):
        failed = command("run", home=tiny)
        assert failed.code == 1, failed.output
        assert "rejected_share" in failed.output
        assert "Nothing was published" in failed.output
    assert "rejected_share" in command("status", home=tiny).output
    with published(tiny) as connection:
        assert connection.execute("select count(*) from core.events").fetchone() == (40,)
    write(tiny, "day2.jsonl", record(100, "2026-05-02"))
    assert command("run", home=tiny).code == 0
    with published(tiny) as connection:
        assert connection.execute("select count(*) from core.events").fetchone() == (41,)
        statuses = connection.execute(
            "select status, count(*) from quality.check_results"
            " where check_name = 'rejected_share' group by status order by status"
        ).fetchall()
    assert statuses == [("fail", 2), ("pass", 2)]
    (tmp_path / "stop").touch()
    output, _ = reader.communicate(timeout=60)
    assert reader.returncode == 0, output
    seen = json.loads(output)
    assert seen["counts"] == [40]
    assert seen["reads"] > 3


READER = """
import json, os, sys, time
import duckdb
database, stop = sys.argv[1:]
connection = duckdb.connect(database, read_only=True)
counts, reads = set(), 0
while not os.path.exists(stop):
    counts.add(connection.execute("select count(*) from core.events").fetchone()[0])
    reads += 1
    time.sleep(0.2)
print(json.dumps({"counts": sorted(counts), "reads": reads}))
"""


@pytest.mark.long
def test_an_earlier_as_of_is_published_and_the_next_run_goes_on(tiny: Home) -> None:
    write(tiny, "a.jsonl", *(record(number, f"2026-05-0{1 + number % 4}") for number in range(12)))
    assert command("run", home=tiny).code == 0
    earlier = command("run", "--as-of", "2026-05-03", home=tiny)
    assert earlier.code == 0, earlier.output
    with published(tiny) as connection:
        assert connection.execute(
            "select max(activity_date)::varchar, sum(events_count) from engagement.active_users"
        ).fetchone() == ("2026-05-02", 6)
        assert connection.execute("select count(*) from core.events").fetchone() == (12,)
    assert not tiny.scratch_database.exists()
    assert command("run", home=tiny).code == 0
    with published(tiny) as connection:
        assert connection.execute(
            "select max(activity_date)::varchar, sum(events_count) from engagement.active_users"
        ).fetchone() == ("2026-05-04", 12)


def test_export_holds_the_events(demo_home: Home, tmp_path: Path) -> None:
    target = tmp_path / "portable.duckdb"
    ended = command("export", "--portable", str(target), home=demo_home)
    assert ended.code == 0, ended.output
    with published(demo_home) as connection:
        expected = connection.execute("select count(*), sum(hash(event_id)) from core.events")
        expected_row = expected.fetchone()
    moved = copy_home(demo_home, tmp_path / "elsewhere")
    assert moved.root.exists()
    with duckdb.connect(str(target), read_only=True) as connection:
        assert connection.execute(
            "select table_type from information_schema.tables"
            " where table_schema = 'core' and table_name = 'events'"
        ).fetchone() == ("BASE TABLE",)
        row = connection.execute("select count(*), sum(hash(event_id)) from core.events").fetchone()
        assert row == expected_row
        undescribed = connection.execute(
            "select column_name from duckdb_columns() where schema_name = 'core'"
            " and table_name = 'events' and comment is null"
        ).fetchall()
    assert undescribed == []
    assert command("export", "--portable", str(target), home=demo_home).code == 2


def test_every_published_table_and_column_is_described(demo_home: Home) -> None:
    with published(demo_home) as connection:
        tables = connection.execute(
            "select schema_name, table_name, comment from duckdb_tables()"
            " union all select schema_name, view_name, comment from duckdb_views()"
            " where not internal"
        ).fetchall()
        columns = connection.execute(
            "select schema_name, table_name, column_name from duckdb_columns()"
            " where not internal and comment is null"
        ).fetchall()
    families = REPOSITORY / "dbt_project" / "models" / "marts"
    assert {schema for schema, _, _ in tables} == {family.name for family in families.iterdir()}
    assert [table for table in tables if not table[2]] == []
    assert columns == []


@pytest.mark.long
def test_a_file_that_is_still_being_written_waits_for_the_next_run(tiny: Home) -> None:
    path = write(tiny, "a.jsonl", record(1, "2026-05-01"))
    finished = threading.Event()

    def keep_writing() -> None:
        while not finished.wait(0.5):
            os.utime(path)

    writer = threading.Thread(target=keep_writing)
    writer.start()
    try:
        ran = command("run", home=tiny)
    finally:
        finished.set()
        writer.join()
    assert ran.code == 0, ran.output
    assert "too_fresh" in ran.output
    age(path)
    ran = command("run", home=tiny)
    assert ran.code == 0, ran.output
    with published(tiny) as connection:
        assert connection.execute("select count(*) from core.events").fetchone() == (1,)


def test_the_package_runs_as_a_module() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pm_pipeline", "--version"],
        capture_output=True, text=True, cwd=REPOSITORY, check=True,
    )  # fmt: skip
    assert done.stdout.startswith("pm-pipeline, version")


COLLECTOR = """
import atexit, gc, sys
atexit.register(lambda: print(gc.get_threshold()[0], gc.get_freeze_count() > 0))
from pm_pipeline.cli import main
main(["check", "--home", sys.argv[1]])
"""


def test_garbage_is_looked_for_seldom_and_never_at_the_end(tiny: Home) -> None:
    done = subprocess.run(
        [sys.executable, "-c", COLLECTOR, str(tiny.root)],
        capture_output=True, text=True, cwd=REPOSITORY, check=True,
    )  # fmt: skip
    assert done.stdout.splitlines()[-1] == "50000 True"
