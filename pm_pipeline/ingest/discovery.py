"""Which files lie in landing, and which source each belongs to.

Belongs here: the walk, what is ignored, glob matching. Does not belong here: reading a file's
bytes, or what the ledger knows of it.
"""

from __future__ import annotations

import hashlib
import os
import re
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from pm_pipeline.home import Home
from pm_pipeline.ingest.rules import SourceRules

IGNORED_SUFFIXES = (".tmp", ".part")
IGNORED_PREFIXES = (".", "README")
# A file changed so recently may still be being written.
FRESH_SECONDS = 10.0


@dataclass(frozen=True)
class LandingFile:
    """A file to consider: ``path`` is relative to landing with ``/`` as separator."""

    path: str
    location: Path
    size_bytes: int
    modified_ns: int
    source: SourceRules


@dataclass(frozen=True)
class UnreadFile:
    """A file left aside, with the reason (a word) and the detail (a sentence)."""

    path: str
    reason: str
    detail: str


@dataclass(frozen=True)
class Discovery:
    """What the walk found, both in the order of the paths."""

    files: tuple[LandingFile, ...]
    unread: tuple[UnreadFile, ...]


@lru_cache(maxsize=256)
def glob_pattern(glob: str) -> re.Pattern[str]:
    """Return the pattern of a glob over relative paths: ``*`` stays in a folder, ``**`` crosses."""
    parts: list[str] = []
    position = 0
    while position < len(glob):
        rest = glob[position:]
        if rest.startswith("**/"):
            parts.append(r"(?:[^/]+/)*")
            position += 3
        elif rest.startswith("**"):
            parts.append(r".*")
            position += 2
        elif rest[0] == "*":
            parts.append(r"[^/]*")
            position += 1
        elif rest[0] == "?":
            parts.append(r"[^/]")
            position += 1
        elif rest[0] == "[" and (end := rest.find("]", 2)) > 0:
            inside = rest[1:end].replace("\\", r"\\")
            inside = "^" + inside[1:] if inside[0] in "!^" else inside
            parts.append(f"[{inside}]")
            position += end + 1
        else:
            parts.append(re.escape(rest[0]))
            position += 1
    return re.compile("".join(parts), re.DOTALL)


def source_of(path: str, sources: Sequence[SourceRules]) -> SourceRules | None:
    """Return the first source whose glob matches the relative ``path``."""
    for source in sources:
        if glob_pattern(source.path.removeprefix("./")).fullmatch(path):
            return source
    return None


@dataclass(frozen=True)
class _Found:
    """A path of landing: its status, or why it has none."""

    path: str
    location: Path
    status: os.stat_result | None
    trouble: str = ""


def _walk(landing: Path) -> Iterator[_Found]:
    """Yield what lies in landing, but for what is ignored.

    Linked files are followed; linked folders are not entered: they could lead in circles.
    """
    troubles: list[OSError] = []

    def relative(location: str | Path) -> str:
        text = os.path.relpath(location, landing).replace(os.sep, "/")
        return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")

    for folder, folders, names in os.walk(landing, onerror=troubles.append):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in folders:
            location = Path(folder, name)
            if location.is_symlink():
                detail = "a linked folder is not entered: copy its files into landing"
                yield _Found(relative(location), location, None, detail)
        for name in sorted(names):
            if name.startswith(IGNORED_PREFIXES) or name.endswith(IGNORED_SUFFIXES):
                continue
            location = Path(folder, name)
            path = relative(location)
            try:
                str(location).encode("utf-8")
                yield _Found(path, location, location.stat())
            except UnicodeEncodeError:
                yield _Found(path, location, None, "the file's name is not UTF-8")
            except OSError as error:
                yield _Found(path, location, None, _cause(error))
    for trouble in troubles:
        location = Path(trouble.filename)
        yield _Found(relative(location), location, None, _cause(trouble))


def discover(landing: Path, sources: Sequence[SourceRules]) -> Discovery:
    """Walk ``landing`` and match every file with the first source that fits."""
    files: list[LandingFile] = []
    unread: list[UnreadFile] = []
    for found in _walk(landing):
        if found.status is None:
            unread.append(UnreadFile(found.path, "unreadable", found.trouble))
            continue
        source = source_of(found.path, sources)
        if source is None:
            unread.append(UnreadFile(found.path, "no_source", _no_source_detail(sources)))
            continue
        files.append(
            LandingFile(
                path=found.path,
                location=found.location,
                size_bytes=found.status.st_size,
                modified_ns=found.status.st_mtime_ns,
                source=source,
            )
        )
    return Discovery(
        tuple(sorted(files, key=lambda file: file.path)),
        tuple(sorted(unread, key=lambda file: file.path)),
    )


def is_fresh(modified_ns: int, now: float) -> bool:
    """Whether a file changed in the last seconds before ``now`` (seconds of the epoch)."""
    # A time far in the future says nothing about the last seconds.
    return abs(now - modified_ns / 1e9) < FRESH_SECONDS


def landing_fingerprint(home: Home) -> str:
    """Return a hash that changes when there is something new to read in landing.

    A file that changed in the last seconds does not count yet, as a run would leave it.
    """
    now = time.time()
    content = hashlib.sha256()
    for found in sorted(_walk(home.landing), key=lambda found: found.path):
        status = found.status
        if status is not None and not is_fresh(status.st_mtime_ns, now):
            content.update(f"{found.path}\0{status.st_size}\0{status.st_mtime_ns}\0".encode())
    return content.hexdigest()


def _cause(error: OSError) -> str:
    return error.strerror or str(error)


def _no_source_detail(sources: Iterable[SourceRules]) -> str:
    globs = ", ".join(source.path for source in sources) or "none"
    return f"no path under sources in product.yml matches it (paths: {globs})"
