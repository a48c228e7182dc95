"""What all tests share: homes, the real command, and where real data lies."""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from pm_pipeline.home import Home
from tests.fixtures import warm_commands

REPOSITORY = Path(__file__).resolve().parents[1]
SHARED_DATA = REPOSITORY.parent / "shared" / "data"
LONG_AGO = time.time() - 3600
DEAREST_FIRST = (
    "tests/pipeline/test_incremental_equals_rebuilt.py",
    "tests/pipeline/test_command.py",
    "tests/pipeline/test_gates_stop_the_line.py",
    "tests/dbt/test_unit_tests.py",
    "tests/dbt/test_funnels.py",
    "tests/pipeline/",
    "tests/real/",
    "tests/dbt/",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that no worker is left alone with it at the end."""

    def rank(item: pytest.Item) -> int:
        path = item.path.relative_to(REPOSITORY).as_posix()
        ranks = (place for place, start in enumerate(DEAREST_FIRST) if path.startswith(start))
        return next(ranks, len(DEAREST_FIRST))

    items.sort(key=rank)


@dataclass(frozen=True)
class Finished:
    """An ended command: exit code and everything it printed."""

    code: int
    output: str


def environment_of(home: Home | None) -> dict[str, str]:
    """Return the environment of a command that works on ``home``, whatever the tests' own holds."""
    environment = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("PM_", "DAGSTER_", "PYTHONDONTWRITE"))
    }
    return environment | ({} if home is None else {"PM_PIPELINE_HOME": str(home.root)})


def command(*arguments: str, home: Home | None = None, timeout: float = 600) -> Finished:
    """Run the real command line in a process of its own."""
    running = warm_commands.start(arguments, environment_of(home), REPOSITORY)
    try:
        return Finished(running.wait(timeout), running.output())
    finally:
        running.printed.unlink()


def age(path: Path) -> Path:
    """Give a file a time before the last seconds, so that a run reads it at once."""
    os.utime(path, (LONG_AGO, LONG_AGO))
    return path


def published(home: Home) -> duckdb.DuckDBPyConnection:
    """Open the published warehouse as an analyst does."""
    return duckdb.connect(str(home.published_database), read_only=True)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty home."""
    home = Home(tmp_path / "home")
    home.landing.mkdir(parents=True)
    return home


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data beside the checkout."""
    if not SHARED_DATA.is_dir():
        pytest.skip("no real data beside the checkout")
    return SHARED_DATA


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A small simulated product, already published; tests read it and leave it as it is.

    Workers of one session share it: whoever comes first makes it.
    """
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    home = Home(shared / "demo" / "home")
    with (shared / "demo.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (home.report_page.exists() and (home.root / "truths.json").exists()):
            made = command("demo", "--users", "200", "--days", "60", home=home)
            assert made.code == 0, made.output
            # The pipeline must do without the true answers: they are away while it runs.
            truths = (home.root / "truths.json").rename(shared / "truths.json")
            ran = command("run", home=home)
            assert ran.code == 0, ran.output
            truths.rename(home.root / "truths.json")
    return home


def copy_home(source: Home, target: Path) -> Home:
    """Copy a home, so that a test may change it."""
    shutil.copytree(source.root, target)
    return Home(target)
