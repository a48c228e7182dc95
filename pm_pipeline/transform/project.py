"""Where the dbt project lies, parsed once for all homes.

Belongs here: paths, environment and the parsed project (dbt's manifest). Does not belong here:
building models (``dbt.py``), Dagster.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from graphlib import TopologicalSorter
from importlib.metadata import version
from pathlib import Path

from pm_pipeline import __version__
from pm_pipeline.home import Home

PROJECT_DIRECTORY = Path(__file__).resolve().parents[2] / "dbt_project"
SOURCE_FOLDERS = ("models", "macros", "tests")
ANALYSIS_DIRECTORY = Path(__file__).resolve().parents[1] / "analysis"
SOURCE_SUFFIXES = {".sql", ".yml"}
MANIFEST = "manifest.json"
PARSED = "partial_parse.msgpack"


class DbtParseFailed(Exception):
    """The dbt project does not parse: a fault of the installation, with dbt's own words."""


@cache
def code_sha256() -> str:
    """Return the hash of everything that decides what the tables hold: models and analyses."""
    digest = hashlib.sha256(f"{__version__} {version('dbt-core')}".encode())
    files = [PROJECT_DIRECTORY / "dbt_project.yml", PROJECT_DIRECTORY / "profiles.yml"]
    for folder in SOURCE_FOLDERS:
        files += [
            file
            for file in (PROJECT_DIRECTORY / folder).rglob("*")
            if file.suffix in SOURCE_SUFFIXES
        ]
    files += [file for file in ANALYSIS_DIRECTORY.rglob("*") if file.suffix in {".py", ".sql"}]
    for file in sorted(files):
        digest.update(str(file.relative_to(PROJECT_DIRECTORY.parent)).encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


def parents_first(manifest: Path) -> list[str]:
    """Return the unique ids of a parsed project, each after all that it depends on."""
    nodes = json.loads(manifest.read_bytes())["nodes"]
    parents = {key: node["depends_on"].get("nodes", []) for key, node in nodes.items()}
    return list(TopologicalSorter(parents).static_order())


def dbt_environment(home: Home, database: Path) -> dict[str, str]:
    """Return the environment variables by which ``profiles.yml`` finds this home's databases."""
    return {
        "PM_PIPELINE_WORKING_DATABASE": str(database),
        "PM_PIPELINE_STATE_DATABASE": str(home.state_database),
        "PM_PIPELINE_TEMPORARY_DIRECTORY": str(home.dbt / "temporary"),
    }


def parsed_project(home: Home) -> Path:
    """Return the folder with dbt's manifest of this version of the project, parsed if need be.

    One folder serves all homes; only where the project cannot be written each home has its own.
    Raises ``DbtParseFailed`` with dbt's output when the project does not parse.
    """
    name = f"parsed-{code_sha256()[:16]}"
    shared, own = PROJECT_DIRECTORY / "target", home.dbt
    for parent in (shared, own):
        if (parent / name / MANIFEST).exists():
            return parent / name
    parent = shared if os.access(PROJECT_DIRECTORY, os.W_OK) else own
    parent.mkdir(parents=True, exist_ok=True)
    for outdated in parent.glob("parsed-*"):
        shutil.rmtree(outdated, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=parent) as folder:
        _parse(Path(folder))
        finished = parent / name
        try:
            (Path(folder) / "parsed").rename(finished)
        except OSError:
            if not (finished / MANIFEST).exists():  # else somebody else was faster
                raise
    return finished


def _parse(folder: Path) -> None:
    """Parse the project into ``folder/parsed``, in a process of its own."""
    target = folder / "parsed"
    target.mkdir()
    command = [sys.executable, "-m", "dbt.cli.main", "--quiet", "parse"]
    command += ["--project-dir", str(PROJECT_DIRECTORY), "--profiles-dir", str(PROJECT_DIRECTORY)]
    command += ["--target-path", str(target), "--log-path", str(folder)]
    environment = {key: value for key, value in os.environ.items() if "PM_PIPELINE" not in key}
    done = subprocess.run(
        command, env=environment, cwd=folder, capture_output=True, text=True, check=False
    )
    if done.returncode != 0 or not (target / PARSED).exists():
        raise DbtParseFailed((done.stdout + done.stderr).strip())
