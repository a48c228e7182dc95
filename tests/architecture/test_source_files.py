"""What every file keeps to: it says what it is for, is small, and names no machine and no host."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from pm_pipeline.checks.registry import CHECKS
from tests.architecture.source_tree import (
    PACKAGE,
    REPOSITORY,
    package_modules,
    parsed,
    relative,
    repository_files,
    text_of,
)

MOST_LINES = 400
LONGER: dict[str, int] = {"tests/unit/product/test_product_loading.py": 526}
"""Files that are longer still, with their length: an entry may shrink or go, none may come."""

BUILT_SQL: dict[str, int] = {
    "pm_pipeline/checks/gate_a.py": 2,
    "pm_pipeline/checks/gate_a_tables.py": 11,
    "pm_pipeline/checks/store.py": 2,
    "pm_pipeline/ingest/batch.py": 1,
    "pm_pipeline/ingest/ledger.py": 1,
    "pm_pipeline/publish/warehouse.py": 2,
    "pm_pipeline/transform/run_window.py": 2,
}
"""Statements put together in Python, by file: they quote a path in ATTACH, or name columns and
tables of our own. An entry may shrink or go, none may come: SQL lies in .sql files, and values
travel as parameters."""

STATEMENT = re.compile(
    r"^\s*(select|insert|delete|update|create|alter|drop|attach|copy|merge|comment|with)\s", re.I
)


def python_files() -> list[Path]:
    return [file for file in repository_files() if file.suffix == ".py"]


def words(text: str | None) -> str:
    return " ".join((text or "").split())


def test_every_module_says_what_belongs_in_it_and_what_does_not() -> None:
    silent = []
    for file in package_modules():
        if file.name == "__main__.py" or file == PACKAGE / "__init__.py":
            continue
        docstring = words(ast.get_docstring(parsed(file)))
        if not ("Belongs here:" in docstring and "Does not belong here:" in docstring):
            silent.append(relative(file))
    assert silent == []


def test_every_file_of_tests_says_what_it_is() -> None:
    silent = [
        relative(file)
        for file in python_files()
        if text_of(file).strip() and not ast.get_docstring(parsed(file))
    ]
    assert silent == []


def public_definitions(
    tree: ast.Module | ast.ClassDef, prefix: str = ""
) -> Iterator[tuple[str, ast.FunctionDef | ast.ClassDef]]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            yield prefix + node.name, node
            if isinstance(node, ast.ClassDef):
                yield from public_definitions(node, f"{node.name}.")


def test_everything_public_has_a_docstring() -> None:
    undescribed = [
        f"{relative(file)}: {name}"
        for file in package_modules()
        for name, node in public_definitions(parsed(file))
        if not ast.get_docstring(node)
    ]
    assert undescribed == []


def test_files_are_small() -> None:
    lengths = {
        relative(file): len(text_of(file).splitlines())
        for file in repository_files()
        if file.suffix in {".py", ".sql"}
    }
    too_long = {
        name: length for name, length in lengths.items() if length > LONGER.get(name, MOST_LINES)
    }
    assert too_long == {}
    outdated = {name for name in LONGER if lengths.get(name, 0) <= MOST_LINES}
    assert outdated == set(), "take them off the list"


MACHINE_PATH = re.compile(r"(?<![\w.$<>{}*~/-])/(?:work|root|tmp|home|Users|mnt)/[\w.]")
# Put together here, so that this file does not name them itself.
REGISTRIES = [
    "py" + "pi.", "python" + "hosted", "npm" + "js", "unpkg" + ".com", "js" + "delivr",
    "cdn" + "js", "conda" + ".anaconda", "repo1" + ".maven", "index" + "-url http",
]  # fmt: skip


def test_no_machine_path_and_no_package_registry_is_named() -> None:
    faults = []
    for file in repository_files():
        try:
            lines = text_of(file).splitlines()
        except UnicodeDecodeError:
            continue  # a picture, or bytes that a test wants broken
        for number, line in enumerate(lines, 1):
            if MACHINE_PATH.search(line) or any(name in line.lower() for name in REGISTRIES):
                faults.append(f"{relative(file)}:{number}: {line.strip()[:100]}")
    assert faults == []


def test_the_search_for_machine_paths_finds_some() -> None:
    found = ["cd /wo" + "rk/main", "'/tm" + "p/x'", "(/ho" + "me/ann/data)", '"/ro' + 'ot/.venv"']
    kept = ["<home>/.dagster", "../shared/tm" + "p/", "landing/wo" + "rk/a.csv"]
    assert [bool(MACHINE_PATH.search(line)) for line in found] == [True] * len(found)
    assert [bool(MACHINE_PATH.search(line)) for line in kept] == [False] * len(kept)


INCLUDED = re.compile(r"""\{%-?\s*(?:include|from|import)\s+['"]([\w./]+)['"]""")


@cache
def texts(file: Path) -> set[str]:
    """Every piece of text in a module's code, docstrings aside."""
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
    docstrings = {
        ast.get_docstring(node, clean=False)
        for node in ast.walk(parsed(file))
        if isinstance(node, documented)
    }
    return {
        node.value
        for node in ast.walk(parsed(file))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and node.value not in docstrings
    }


def test_every_sql_file_is_used() -> None:
    """By its name in a module of the same room, as a check's rule, or included by one in use."""
    unused = []
    for file in sorted(PACKAGE.rglob("*.sql")):
        room = PACKAGE / file.relative_to(PACKAGE).parts[0]
        modules = room.rglob("*.py") if room.is_dir() else PACKAGE.glob("*.py")
        names = set().union(*(texts(module) for module in modules))
        names |= {
            name for other in file.parent.glob("*.sql") for name in INCLUDED.findall(text_of(other))
        }
        if file.parent.name in ("gate_b", "gate_c"):
            names |= set(CHECKS)
        if not ({file.name, file.stem} & names or any(f"/{file.name}" in name for name in names)):
            unused.append(relative(file))
    assert unused == []


def built_statements(file: Path) -> list[str]:
    """SQL statements that a module puts together with f-strings, ``+``, ``%`` or ``format``."""
    found = []
    for node in ast.walk(parsed(file)):
        parts: list[ast.expr] = []
        if isinstance(node, ast.JoinedStr):
            if any(isinstance(value, ast.FormattedValue) for value in node.values):
                parts = node.values[:1]
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Mod):
            parts = [node.left]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            parts = [node.func.value] if node.func.attr == "format" else []
        for part in parts:
            text = part.value if isinstance(part, ast.Constant) else None
            if isinstance(text, str) and STATEMENT.match(text):
                found.append(words(text))
    return found


def test_python_builds_no_sql() -> None:
    counts = Counter({relative(file): len(built_statements(file)) for file in package_modules()})
    assert {name: count for name, count in counts.items() if count > BUILT_SQL.get(name, 0)} == {}
    assert {name for name in BUILT_SQL if not counts[name]} == set(), "take them off the list"


def test_built_sql_is_recognised(tmp_path: Path) -> None:
    poisoned = tmp_path / "poisoned.py"
    poisoned.write_text(
        "a = f'select {x}'\nb = 'delete from ' + table\nc = 'insert into %s' % t\n"
        "d = 'update {}'.format(t)\ne = f'selected {n} rows'\nf = 'select 1'\ng = f'{n} select'\n"
    )
    assert len(built_statements(poisoned)) == 4


def test_nothing_generated_is_in_the_repository() -> None:
    generated = [
        relative(file)
        for file in repository_files()
        if file.suffix in {".duckdb", ".parquet", ".pyc", ".log", ".wal"}
        and not relative(file).startswith("tests/fixtures/")
    ]
    assert generated == []
    assert (REPOSITORY / "pm_pipeline" / "py.typed").exists()
