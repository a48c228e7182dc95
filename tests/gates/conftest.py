"""Homes for the gates' tests."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from gate_homes import clean_home

from pm_pipeline.home import Home

MARTS = sorted(Path(__file__).parent.glob("gate_marts*.sql"))


@pytest.fixture(scope="session")
def clean_home_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return clean_home(tmp_path_factory.mktemp("template") / "home").root


@pytest.fixture
def home(clean_home_template: Path, tmp_path: Path) -> Home:
    """A clean home of its own; its path has what a path may have."""
    return Home(Path(shutil.copytree(clean_home_template, tmp_path / "ein Haus, it's ü")))


@pytest.fixture(scope="session")
def marts_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    database = tmp_path_factory.mktemp("marts") / "marts.duckdb"
    with duckdb.connect(str(database)) as connection:
        for family in MARTS:
            connection.execute(family.read_text(encoding="utf-8"))
    return database


@pytest.fixture
def marts(marts_template: Path, tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The clean marts, to be harmed."""
    database = shutil.copy(marts_template, tmp_path / "marts.duckdb")
    with duckdb.connect(str(database)) as connection:
        yield connection
