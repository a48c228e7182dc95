"""Which module may know which: read from the imports, lazy ones too.

Data moves left to right and nothing in an earlier room knows that a later one exists. Rooms are
joined by asset keys and by the run resource, not by imports of each other.
"""

from __future__ import annotations

from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from tests.architecture.source_tree import (
    PACKAGE,
    imported,
    module_name,
    package_modules,
    relative,
)

EVERYBODY = {"home", "state", "progress", "options", "figures", "lock", "__init__"}
"""Small modules without a room, which every room between landing and publication may use."""

ROOMS: dict[str, set[str]] = {
    "product": set(),
    "catalog": set(),
    "ingest": EVERYBODY | {"product"},
    "transform": EVERYBODY | {"product"},
    "checks": EVERYBODY,
    "analysis": EVERYBODY | {"catalog"},
    "publish": EVERYBODY,
    "simulate": {"home"},
}
"""What each room may import of the package, beside itself."""

ASSEMBLY: dict[str, set[str]] = {
    "__init__": set(),
    "__main__": {"cli"},
    "home": set(),
    "options": set(),
    "progress": set(),
    "figures": set(),
    "state": {"home"},
    "lock": {"home"},
    "console": {"progress"},
    "event_log": set(),
    "instance": {"home"},
    "resources": {"home", "instance", "lock", "options", "product", "transform", "checks"},
    "alerts": {"home", "product"},
    "jobs": {"alerts", "home", "lock", "ingest"},
    "definitions": {
        "home", "jobs", "resources", "ingest", "transform", "analysis", "checks",
        "publish", "catalog",
    },
    "execution": {"home", "instance", "jobs", "definitions", "publish"},
    "summary": {"home", "state", "lock", "figures", "execution"},
    "sizing": {"home", "product", "analysis"},
    "cli": {
        "__init__", "home", "sizing", "lock", "console", "options", "execution", "instance",
        "summary",
        "product", "checks", "publish", "simulate",
    },
}  # fmt: skip
"""What each module outside the rooms may import of the package."""

ASSETS_FILE = "assets.py"
ONLY_FOR_ASSETS = {"resources", "catalog"}

LIBRARIES: dict[str, set[str]] = {
    "dagster": {
        "jobs.py", "resources.py", "definitions.py", "instance.py", "execution.py",
        "event_log.py", "transform/translator.py", "catalog/shown.py", "catalog/readers.py",
        "analysis/result_assets.py",
    },
    "dagster_dbt": {"transform/translator.py"},
    "dbt": {"transform/dbt.py"},
    "great_expectations": {"checks/great_expectations_adapter.py"},
    "altair": {"publish/report_page/"},
    "vl_convert": {"publish/report_page/", "catalog/drawing.py"},
    "sqlglot": {"product/", "transform/column_lineage.py"},
    "yaml": {"product/"},
    "rich": {"console.py", "summary.py"},
    "click": {"cli.py"},
    "scipy": {"analysis/"},
    "statsmodels": {"analysis/"},
    "pandas": {"analysis/goals/forecast.py"},
    "sqlalchemy": {"event_log.py"},
}  # fmt: skip
"""Who may import a library, beside the ``assets.py`` files for Dagster's two."""


def place(name: str) -> str:
    """The room, or the module outside all rooms, that a dotted name belongs to."""
    parts = name.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


def own_imports(file: Path) -> set[str]:
    return {name for name in imported(file) if name.split(".")[0] == "pm_pipeline"}


def inside(file: Path) -> str:
    return file.relative_to(PACKAGE).as_posix()


def test_every_room_and_module_is_in_the_table() -> None:
    rooms = {folder.name for folder in PACKAGE.iterdir() if (folder / "__init__.py").exists()}
    modules = {file.stem for file in PACKAGE.glob("*.py")}
    assert rooms == set(ROOMS)
    assert modules == set(ASSEMBLY)


def test_a_module_imports_only_what_its_place_may_know() -> None:
    faults = []
    for file in package_modules():
        here = place(module_name(file))
        if here in ROOMS:
            allowed = ROOMS[here] | {here}
            allowed |= ONLY_FOR_ASSETS if file.name == ASSETS_FILE else set()
        else:
            allowed = ASSEMBLY[file.stem] | {here}
        faults += [
            f"{inside(file)} imports {name}"
            for name in sorted(own_imports(file))
            if place(name) not in allowed
        ]
    assert faults == []


def test_nothing_is_allowed_that_nobody_needs() -> None:
    needed: dict[str, set[str]] = {name: set() for name in ASSEMBLY}
    for file in PACKAGE.glob("*.py"):
        needed[file.stem] = {place(name) for name in own_imports(file)}
    unused = {name: allowed - needed[name] for name, allowed in ASSEMBLY.items()}
    assert {name: extra for name, extra in unused.items() if extra} == {}


def test_assets_are_imported_by_the_assembly_alone() -> None:
    importers = {
        inside(file)
        for file in package_modules()
        for name in own_imports(file)
        if name.endswith(".assets")
    }
    assert importers == {"definitions.py", "execution.py"}


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_library_is_known_in_one_place(library: str) -> None:
    allowed = LIBRARIES[library]
    faults = []
    for file in package_modules():
        if library not in {name.split(".")[0] for name in imported(file)}:
            continue
        if library.startswith("dagster") and file.name == ASSETS_FILE:
            continue
        if not any(
            inside(file) == entry or (entry.endswith("/") and inside(file).startswith(entry))
            for entry in allowed
        ):
            faults.append(inside(file))
    assert faults == []


def test_no_circle_of_imports() -> None:
    graph = {
        module_name(file): {
            name for name in imported(file, at_load_only=True) if name.startswith("pm_pipeline.")
        }
        - {module_name(file)}
        for file in package_modules()
        if file.name != "__init__.py"
    }
    list(TopologicalSorter(graph).static_order())  # raises CycleError, naming the circle


def test_the_reader_of_imports_sees_lazy_and_relative_ones(tmp_path: Path) -> None:
    """The tests above rest on it: a poisoned module is found out."""
    source = tmp_path / "poisoned.py"
    source.write_text(
        "import importlib\n"
        "from typing import TYPE_CHECKING\n"
        "from pm_pipeline import publish, home\n"
        "if TYPE_CHECKING:\n    from pm_pipeline.cli import main\n"
        "def lazy():\n"
        "    import dagster.core as core\n"
        "    importlib.import_module('great_expectations')\n"
    )
    assert imported(source) == {
        "importlib", "typing", "pm_pipeline.publish", "pm_pipeline.home", "pm_pipeline.cli",
        "dagster.core", "great_expectations",
    }  # fmt: skip
    assert imported(source, at_load_only=True) == {
        "importlib", "typing", "pm_pipeline.publish", "pm_pipeline.home",
    }  # fmt: skip


def test_every_python_file_of_the_package_is_reached() -> None:
    """A module that nobody imports is dead, or is run by its name."""
    run_by_name = {"pm_pipeline.__main__", "pm_pipeline.product.schema"}
    run_by_name.add("pm_pipeline.event_log")  # by the instance's settings
    reached = set().union(*(own_imports(file) for file in package_modules()))
    dead = [
        relative(file)
        for file in package_modules()
        if file.name != "__init__.py" and module_name(file) not in reached | run_by_name
    ]
    assert dead == []
