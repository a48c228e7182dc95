"""Where a home is, and what the command line does without."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pm_pipeline.home import Home
from pm_pipeline.state import open_state
from tests.conftest import REPOSITORY


def test_the_flag_comes_before_the_variable_before_the_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PM_PIPELINE_HOME", raising=False)
    assert Home.locate().root == tmp_path / "data"
    monkeypatch.setenv("PM_PIPELINE_HOME", "elsewhere")
    assert Home.locate().root == tmp_path / "elsewhere"
    assert Home.locate("named").root == tmp_path / "named"


def test_everything_of_a_home_lies_in_it(tmp_path: Path) -> None:
    home = Home(tmp_path)
    paths = [getattr(home, name) for name, kind in vars(Home).items() if isinstance(kind, property)]
    assert len(paths) == len(set(paths)) >= 14
    assert all(tmp_path in path.parents for path in paths)
    assert home.scratch_database.name == home.working_database.name


def test_two_names_of_one_home_are_one_home(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert Home.locate(tmp_path / "link") == Home.locate(tmp_path / "real" / ".")


def test_state_is_made_on_first_use_and_kept(home: Home) -> None:
    with open_state(home) as state:
        state.execute("update ledger_version set ledger_version = 7")
    with open_state(home) as state:
        assert state.execute("select * from ledger_version").fetchall() == [(7,)]


@pytest.mark.parametrize("module", ["pm_pipeline.cli", "pm_pipeline.summary"])
def test_quick_commands_do_not_wait_for_heavy_libraries(module: str) -> None:
    heavy = {"dagster", "dbt", "great_expectations", "altair", "pandas"}
    code = f"import sys, {module}; print(*sorted(set(sys.modules) & {heavy!r}))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == []
