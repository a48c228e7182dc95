"""What a run tells while it runs.

Belongs here: the steps of a run as they begin, speak and end. Does not belong here: how that looks;
the command line listens and draws it, Dagster keeps it as log lines.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

logger = logging.getLogger("pm_pipeline")


@dataclass
class Step:
    """One step of a run: what it is called, what it says now, and how long it took."""

    name: str
    detail: str = ""
    seconds: float | None = None
    """None while it runs."""
    failed: bool = False
    _listeners: list[Callable[[Step], None]] = field(default_factory=list, repr=False)

    def say(self, detail: str) -> None:
        """Replace what the step says of itself, such as its counts so far."""
        self.detail = detail
        for listener in self._listeners:
            listener(self)


_listeners: list[Callable[[Step], None]] = []


@contextmanager
def listening(listener: Callable[[Step], None]) -> Iterator[None]:
    """Have ``listener`` called at every word of every step, in this process."""
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.remove(listener)


@contextmanager
def step(name: str) -> Iterator[Step]:
    """Run a step; its last words and its time go to the log and to the listeners."""
    current = Step(name, _listeners=_listeners)
    began = time.monotonic()
    current.say("")
    try:
        yield current
    except BaseException:
        current.failed = True
        raise
    finally:
        current.seconds = time.monotonic() - began
        current.say(current.detail)
        logger.info("%s: %s (%.1f s)", name, current.detail or "done", current.seconds)
