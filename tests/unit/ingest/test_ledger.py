"""The ledger over several runs: what is read again, what survives a kill, what is cleaned up."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from ingest_world import NOW, age, identities, lake_rows, land, rules_of, run, source, state_rows

from pm_pipeline.home import Home
from pm_pipeline.ingest import IngestError, landing_fingerprint
from pm_pipeline.ingest.discovery import source_of


def records(*keys: str, at: str = "2026-01-01T00:00:00Z") -> list[dict[str, object]]:
    return [{"id": key, "user": "u", "name": "n", "at": at} for key in keys]


def test_nothing_new_is_not_even_read(home: Home) -> None:
    location = land(home, "a.jsonl", records("1"))
    assert run(home).changed
    status = location.stat()
    # Of the same size and time: whoever reads it finds no record.
    location.write_bytes(b"x" * status.st_size)
    os.utime(location, ns=(status.st_mtime_ns, status.st_mtime_ns))
    summary = run(home)
    assert (summary.files_read, summary.files_unchanged, summary.changed) == (0, 1, False)
    assert summary.present.events == 1


def test_same_content_with_a_new_time_is_noted_only(home: Home) -> None:
    location = land(home, "a.jsonl", records("1"))
    version = run(home).ledger_version
    age(location)
    summary = run(home)
    assert (summary.files_unchanged, summary.ledger_version) == (1, version)
    assert state_rows(home, "select modified_ns from files") == [(location.stat().st_mtime_ns,)]


def test_a_deleted_file_stays(home: Home) -> None:
    land(home, "a.jsonl", records("1"))
    run(home)
    (home.landing / "a.jsonl").unlink()
    summary = run(home)
    assert not summary.changed
    assert summary.present.events == 1


def test_changed_rules_read_again(home: Home) -> None:
    land(home, "a.jsonl", records("1", "2"))
    run(home)
    summary = run(home, rules_of(source(rules_sha256="changed", properties=("plan",))))
    assert (summary.files_read, summary.changed) == (1, True)
    assert lake_rows(home, "properties") == [("{}", "event")] * 2


def test_a_file_without_source_leaves_the_lake(home: Home) -> None:
    """As a run over everything would have it: the file lies in landing and nobody reads it."""
    land(home, "a/a.jsonl", records("1"))
    land(home, "b/b.jsonl", records("1", "2"))
    run(home)
    summary = run(home, rules_of(source(path="b/*.jsonl")))
    assert summary.files_removed == 1
    assert identities(home) == {("b/b.jsonl", 1): "event", ("b/b.jsonl", 2): "event"}


def test_fresh_files_wait(home: Home) -> None:
    location = land(home, "a.jsonl", records("1"))
    moment = NOW.timestamp() - 5
    os.utime(location, (moment, moment))
    before = landing_fingerprint(home)
    summary = run(home)
    assert [file.reason for file in summary.unread] == ["too_fresh"]
    assert run(home, now=NOW + timedelta(seconds=20)).present.events == 1
    land(home, "b.jsonl", records("2"))
    assert landing_fingerprint(home) != before


def test_future_records_come_of_age(home: Home) -> None:
    """Judged again when the first may enter, and those that must wait go on waiting."""
    soon, late = NOW + timedelta(days=2), NOW + timedelta(days=9)
    land(
        home,
        "a.jsonl",
        [
            *records("1", "1"),
            *records("2", at=soon.isoformat()),
            *records("3", at=late.isoformat()),
            {"user": "u"},
        ],
    )
    first = run(home)
    assert (first.present.events, first.present.duplicate, first.present.rejected) == (1, 1, 3)
    assert not run(home, now=NOW + timedelta(hours=23)).changed
    second = run(home, now=NOW + timedelta(days=1))
    assert (second.present.events, second.present.duplicate, second.present.rejected) == (2, 1, 2)
    third = run(home, now=NOW + timedelta(days=30))
    assert (third.present.events, third.present.duplicate, third.present.rejected) == (3, 1, 1)
    assert state_rows(home, "select judge_again_at from files") == [(None,)]
    assert state_rows(home, "select line_number, reason from rejected_records") == [
        (5, "missing_event_name")
    ]
    assert third.present.records == 5


def test_ignored_names_and_globs(home: Home) -> None:
    for path in (".hidden.jsonl", ".git/a.jsonl", "README.jsonl", "a.jsonl.part", "b.jsonl.tmp"):
        land(home, path, records("1"))
    assert run(home) == run(home)
    assert run(home).unread == ()
    sources = [source("deep", "x/**/*.jsonl"), source("flat", "*.json?"), source("set", "[ab]/c")]
    expected = {
        "x/a.jsonl": "deep",
        "x/y/z/a.jsonl": "deep",
        "a.jsonl": "flat",
        "y/a.jsonl": None,
        "a/c": "set",
        "c/c": None,
    }
    found = {path: source_of(path, sources) for path in expected}
    assert {path: one and one.name for path, one in found.items()} == expected


def test_paths_with_glob_characters_and_quotes(tmp_path: Path) -> None:
    home = Home(tmp_path / "it's [a] *home*")
    land(home, "d'ir/[x] 'y'.jsonl", records("1"))
    run(home)
    land(home, "d'ir/[x] 'y'.jsonl", records("2"))
    run(home)
    assert lake_rows(home, "source_event_id") == [("2", "event")]


def test_crowded_days_are_compacted_and_old_files_go(home: Home) -> None:
    listed = "select count(*) from lake_files where unlisted_at is null"
    digest = "select bit_xor(digest) from lake_files where unlisted_at is null"
    for number in range(8):
        land(home, f"{number}.jsonl", records(str(number)))
        run(home)
    assert state_rows(home, listed) == [(8,)]
    land(home, "8.jsonl", records("8"))
    run(home)
    assert state_rows(home, listed) == [(1,)]
    [(value,)] = state_rows(home, digest)
    rebuilt = Home(home.root / "rebuilt")
    for number in range(9):
        land(rebuilt, f"{number}.jsonl", records(str(number)))
    run(rebuilt)
    assert state_rows(rebuilt, digest) == [(value,)]

    on_disk = list(home.lake.glob("events/*/*.parquet"))
    assert len(on_disk) == 9
    run(home, now=NOW + timedelta(days=6))
    assert len(list(home.lake.glob("events/*/*.parquet"))) == 9
    run(home, now=NOW + timedelta(days=8))
    assert len(list(home.lake.glob("events/*/*.parquet"))) == 1
    assert len(lake_rows(home)) == 9


def test_lost_state_is_an_error_and_not_an_empty_lake(home: Home) -> None:
    land(home, "a.jsonl", records("1"))
    run(home)
    home.state_database.unlink()
    with pytest.raises(IngestError, match="put the state database back"):
        run(home)
    assert list(home.lake.glob("events/*/*.parquet"))


KILLED_RUN = """
import os, signal, sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from ingest_world import rules_of, run
from pm_pipeline.home import Home

left = int(sys.argv[3])
def progress(line):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)

run(Home(Path(sys.argv[2])), progress=progress, batch_bytes=1)
"""


def test_killed_at_every_step_the_next_run_finishes(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Kills before and after each commit of a run that adds, replaces and demotes."""

    def prepare() -> Home:
        home = Home(tmp_path_factory.mktemp("home"))
        land(home, "a.jsonl", records("1", "2", at="2026-01-02T00:00:00Z"))
        run(home)
        land(home, "a.jsonl", records("2", "3", at="2026-01-02T00:00:00Z"))
        land(home, "b.jsonl", records("3", "1"))
        return home

    expected_home = prepare()
    steps: list[str] = []
    run(expected_home, progress=steps.append, batch_bytes=1)
    expected = lake_rows(expected_home)
    assert [step for step in steps if step.startswith("commit")] == ["committing", "committed"] * 2
    # Before the lake is written, before the commit, between commit and manifest; in both batches.
    for kill_at in (3, 4, 5, 9, 10):
        home = prepare()
        killed = subprocess.run(
            [sys.executable, "-c", KILLED_RUN, str(Path(__file__).parent), home.root, str(kill_at)],
            check=False,
        )
        assert killed.returncode == -9
        run(home)
        assert lake_rows(home) == expected, steps[kill_at - 1]
        assert not (home.lake / ".staging").exists() or not any(
            (home.lake / ".staging").rglob("*.parquet")
        )
        files = json.loads(home.lake_manifest.read_text())["files"]
        on_disk = {path.relative_to(home.lake).as_posix() for path in home.lake.rglob("*.parquet")}
        known = {str(row[0]) for row in state_rows(home, "select lake_path from lake_files")}
        assert {file["path"] for file in files} <= on_disk == known
