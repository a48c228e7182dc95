"""One run at a time: the lock of a home.

Belongs here: taking and giving back the lock, and saying who holds it. Does not belong here: what
to do when a home is busy. The operating system lets go of the lock when its process ends, however
it ends, so nothing has to be cleaned up after a kill.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from pm_pipeline.home import Home

ATTEMPTS = 3
SECONDS_BETWEEN_ATTEMPTS = 0.1

_held: dict[Path, int] = {}
"""How often this process holds each lock: a command and the job that it runs share it."""


class HomeBusy(Exception):
    """Another run holds the home."""


@contextmanager
def hold_home(home: Home) -> Iterator[bool]:
    """Hold the lock of ``home``; yields whether it was taken now (False: held already).

    Raises ``HomeBusy`` with the holder's process id when another process holds it, and
    ``OSError`` when the lock file cannot be written.
    """
    path = home.lock_file
    if path in _held:
        _held[path] += 1
        try:
            yield False
        finally:
            _held[path] -= 1
        return
    home.state.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as file:
        if not _taken(file):
            raise HomeBusy(f"another run holds {home.root} ({_holder(path)})")
        file.truncate(0)
        file.write(json.dumps({"pid": os.getpid(), "since": f"{datetime.now(UTC):%F %T} UTC"}))
        file.flush()
        _held[path] = 1
        try:
            yield True
        finally:
            del _held[path]
            file.truncate(0)


def is_busy(home: Home) -> bool:
    """Return whether a run holds the home at this moment."""
    if home.lock_file in _held:
        return True
    try:
        with home.lock_file.open("r", encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def _taken(file: TextIO) -> bool:
    """Take the lock if nobody holds it; who only asks (``is_busy``) holds it for an instant."""
    for attempt in range(ATTEMPTS):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if attempt < ATTEMPTS - 1:
                time.sleep(SECONDS_BETWEEN_ATTEMPTS)
    return False


def _holder(path: Path) -> str:
    try:
        holder = json.loads(path.read_text(encoding="utf-8"))
        return f"process {holder['pid']}, since {holder['since']}"
    except (ValueError, KeyError, OSError):
        return "it has just started"
