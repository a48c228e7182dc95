"""The repository's own files, as the tests of this folder read them."""

from __future__ import annotations

import ast
import os
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
PACKAGE = REPOSITORY / "pm_pipeline"
SKIPPED_FOLDERS = {".git", ".venv", "__pycache__", "data", "target", "logs", "build"}


@cache
def repository_files() -> tuple[Path, ...]:
    """Every file that belongs to the repository: all that git does not ignore."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode == 0:
        files = [REPOSITORY / name for name in listed.stdout.split("\0") if name]
    else:  # an unpacked archive, or somebody else's checkout
        files = list(_walked())
    return tuple(sorted(file for file in set(files) if file.is_file()))


def _walked() -> Iterator[Path]:
    for folder, folders, names in os.walk(REPOSITORY):
        folders[:] = [
            name
            for name in folders
            if name not in SKIPPED_FOLDERS and not name.endswith(("_cache", ".egg-info"))
        ]
        yield from (Path(folder) / name for name in names)


def relative(file: Path) -> str:
    """The file's path inside the repository, with slashes."""
    return file.relative_to(REPOSITORY).as_posix()


def text_of(file: Path) -> str:
    """The file's text."""
    return file.read_text(encoding="utf-8")


def package_modules() -> list[Path]:
    """Every Python file of the package."""
    return sorted(PACKAGE.rglob("*.py"))


@cache
def parsed(file: Path) -> ast.Module:
    """The syntax tree of a Python file."""
    return ast.parse(text_of(file), filename=str(file))


def module_name(file: Path) -> str:
    """The dotted name under which a file of the package is imported."""
    parts = file.relative_to(REPOSITORY).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def known_modules() -> frozenset[str]:
    """The dotted names of all modules of the package."""
    return frozenset(module_name(file) for file in package_modules())


@cache
def imported(file: Path, *, at_load_only: bool = False) -> set[str]:
    """The dotted names that a module imports, lazily or not; of the package: its modules.

    With ``at_load_only`` what functions import, and what only type checkers see, is left out.
    """
    found: set[str] = set()
    for node in _import_nodes(parsed(file), at_load_only):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{relative(file)}: imports are absolute"
            base = node.module or ""
            for alias in node.names:
                full = f"{base}.{alias.name}"
                found.add(full if full in known_modules() else base)
        elif names := _imported_by_name(node):
            found |= names
    return found


def _import_nodes(tree: ast.AST, at_load_only: bool) -> Iterator[ast.AST]:
    for node in ast.iter_child_nodes(tree):
        is_function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        is_typing = isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        if at_load_only and (is_function or is_typing):
            continue
        yield node
        yield from _import_nodes(node, at_load_only)


def _imported_by_name(node: ast.AST) -> set[str]:
    """The names in calls of ``import_module("…")``."""
    if isinstance(node, ast.Call) and "import_module" in ast.dump(node.func):
        return {
            argument.value
            for argument in node.args
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
        }
    return set()
