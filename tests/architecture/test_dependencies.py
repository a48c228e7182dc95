"""What is installed: every direct dependency is bounded, locked within its bounds, with hashes."""

from __future__ import annotations

import re
import sys
import tomllib
from functools import cache
from typing import Any

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from pm_pipeline import __version__
from tests.architecture.source_tree import REPOSITORY, imported, package_modules

PINNED = re.compile(r"^(?P<name>[\w.-]+)(?:\[[\w,-]+\])?==(?P<version>[^\s;\\]+)(?P<rest>.*)$")
# What brings a module, where its name does not say so.
PACKAGES_OF_MODULES = {
    "dagster_dbt": "dagster-dbt",
    "dbt": "dbt-core",
    "markupsafe": "jinja2",
    "pydantic_core": "pydantic",
    "great_expectations": "great-expectations",
    "vl_convert": "vl-convert-python",
    "yaml": "pyyaml",
}


@cache
def project() -> dict[str, Any]:
    return tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))


@cache
def lock_text() -> str:
    return (REPOSITORY / "requirements.lock").read_text(encoding="utf-8")


@cache
def locked() -> dict[str, list[tuple[Version, int, str]]]:
    """By package: its versions (one for each environment), their number of hashes, their marker."""
    found: dict[str, list[tuple[Version, int, str]]] = {}
    entries = re.split(r"\n(?=[A-Za-z0-9])", lock_text())
    for entry in entries:
        head = entry.partition("\n")[0]
        if match := PINNED.match(head):
            marker = match["rest"].strip(" ;\\")
            count = len(re.findall(r"--hash=sha256:[0-9a-f]{64}\b", entry))
            name = canonicalize_name(match["name"])
            found.setdefault(name, []).append((Version(match["version"]), count, marker))
    return found


def direct() -> list[str]:
    metadata = project()["project"]
    return [*metadata["dependencies"], *metadata["optional-dependencies"]["dev"]]


@pytest.mark.parametrize("text", direct())
def test_a_direct_dependency_is_locked_within_its_bounds(text: str) -> None:
    requirement = Requirement(text)
    versions = locked()[canonicalize_name(requirement.name)]
    assert versions
    for version, _, _ in versions:
        assert requirement.specifier.contains(version), f"{text} is locked as {version}"


def test_a_dependency_of_every_run_is_bounded() -> None:
    unbounded = [
        text for text in project()["project"]["dependencies"] if not Requirement(text).specifier
    ]
    assert unbounded == []


def test_engines_to_compare_with_are_bounded_and_come_with_nothing_else() -> None:
    extras = project()["project"]["optional-dependencies"]
    assert extras.keys() == {"dev", "peers"}
    for text in extras["peers"]:
        requirement = Requirement(text)
        assert requirement.specifier, text
        assert canonicalize_name(requirement.name) not in locked()


def test_everything_locked_has_hashes_and_a_readable_marker() -> None:
    assert len(locked()) > 100
    for name, versions in locked().items():
        for version, count, marker in versions:
            assert count >= 1, f"{name} {version} has no hash"
            if marker:
                Marker(marker)


def test_the_lock_names_no_host() -> None:
    assert "://" not in lock_text()
    options = re.findall(r"^\s*(-[-\w]+)", lock_text(), re.MULTILINE)
    assert set(options) == {"--hash"}


def test_pins_that_the_stack_needs() -> None:
    """dbt 1.12 needs a parser that plain pip cannot leave out; SQLAlchemy 2.1 breaks reflection."""
    bounds = {Requirement(text).name: Requirement(text) for text in direct()}
    assert not bounds["dbt-core"].specifier.contains("1.12.0")
    assert not bounds["sqlalchemy"].specifier.contains("2.1.0")
    assert project()["project"]["requires-python"] == ">=3.11,<3.14"


def test_what_the_package_imports_is_a_direct_dependency() -> None:
    imports = (
        {name.split(".")[0] for file in package_modules() for name in imported(file)}
        - set(sys.stdlib_module_names)
        - {"pm_pipeline"}
    )
    names = {canonicalize_name(PACKAGES_OF_MODULES.get(name, name)) for name in imports}
    declared = {
        canonicalize_name(Requirement(text).name) for text in project()["project"]["dependencies"]
    }
    assert names - declared == set()


def test_one_version_of_the_package() -> None:
    assert project()["project"]["version"] == __version__
