"""What a process costs: CPU seconds, wall seconds, peak memory.

Belongs here: running a command and measuring its process tree, and the raw limit. Does not belong
here: which commands (``scenarios.py``), how numbers look.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import time
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import psutil

from pm_pipeline.home import Home
from pm_pipeline.state import open_state

REPOSITORY = Path(__file__).resolve().parents[1]
SAMPLE_SECONDS = 0.02
CHILDREN_EVERY = 25
"""Looking for children is dear: one sample in so many does."""


@dataclass(frozen=True)
class Cost:
    """What a process and its children used; ``memory`` are (instant, bytes) by the steady clock."""

    cpu_seconds: float
    wall_seconds: float
    peak_bytes: int
    memory: Sequence[tuple[float, int]] = field(default=(), repr=False)

    def peak_between(self, began: float, ended: float) -> int:
        """Return the highest sampled memory between two instants of the steady clock."""
        instants = [instant for instant, _ in self.memory]
        first, last = bisect_left(instants, began), bisect_right(instants, ended)
        samples = self.memory[max(0, first - 1) : last + 1]
        return max((size for _, size in samples), default=0)


class CommandFailedError(RuntimeError):
    """A measured command ended with an exit code other than 0; its output is the message."""


def measure(command: Sequence[str], environment: Mapping[str, str], log: Path) -> Cost:
    """Run a command at the repository's root and return what it cost; output goes to ``log``.

    Raises ``CommandFailedError`` when it does not exit with 0.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w", encoding="utf-8") as output:
        began = time.monotonic()
        process = subprocess.Popen(
            command,
            cwd=REPOSITORY,
            env=clean_environment() | dict(environment),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        samples: list[tuple[float, int]] = []
        watched = _Tree(process.pid)
        while True:
            ended, status, usage = os.wait4(process.pid, os.WNOHANG)
            if ended:
                break
            samples.append((time.monotonic(), watched.resident_bytes()))
            time.sleep(SAMPLE_SECONDS)
        wall_seconds = time.monotonic() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise CommandFailedError(
            f"{' '.join(command)} exited with {process.returncode}:\n{log.read_text('utf-8')}"
        )
    unit = 1 if sys.platform == "darwin" else 1024
    peak = max([usage.ru_maxrss * unit, *(size for _, size in samples)])
    return Cost(usage.ru_utime + usage.ru_stime, wall_seconds, peak, samples)


class _Tree:
    """A process and its children, as far as they still live."""

    def __init__(self, pid: int) -> None:
        self._processes = [psutil.Process(pid)]
        self._count = 0

    def resident_bytes(self) -> int:
        """Return the resident memory of the tree now; what has ended counts nothing."""
        root = self._processes[0]
        try:
            if self._count % CHILDREN_EVERY == 0:
                self._processes[1:] = root.children(recursive=True)
        except psutil.Error:
            return 0
        self._count += 1
        total = 0
        for process in self._processes:
            try:
                total += process.memory_info().rss
            except psutil.Error:
                continue
        return total


def clean_environment() -> dict[str, str]:
    """Return this process's environment without settings of homes, with this checkout first."""
    kept = {
        key: value for key, value in os.environ.items() if not key.startswith(("PM_", "DAGSTER_"))
    }
    return kept | {"PYTHONPATH": str(REPOSITORY)}


@dataclass(frozen=True)
class RawLimit:
    """The physical limit: every column of every event of the lake read and hashed once."""

    cpu_seconds: float
    wall_seconds: float
    events: int
    files: int
    megabytes: float

    @property
    def events_per_second(self) -> float:
        """Return events a second of wall time."""
        return self.events / self.wall_seconds


def measure_raw_limit(home: Home, *, times: int = 3) -> RawLimit:
    """Hash the lake's valid event files ``times`` times; CPU and wall seconds are medians."""
    with open_state(home, read_only=True) as state:
        rows = state.execute(
            "select lake_path from lake_files where kind = 'events' and unlisted_at is null"
        ).fetchall()
    files = [str(home.lake / lake_path) for (lake_path,) in rows]
    cpu, wall, events = [], [], 0
    with duckdb.connect() as connection:
        lake = f"read_parquet({files!r}, hive_partitioning = false)"
        names = connection.execute(f"describe from {lake}").fetchall()
        hashes = ", ".join(f'bit_xor(hash("{name}"))' for name, *_ in names)
        for _ in range(times):
            before, began = own_cpu_seconds(), time.monotonic()
            row = connection.execute(f"select count(*), {hashes} from {lake}").fetchone()
            cpu.append(own_cpu_seconds() - before)
            wall.append(time.monotonic() - began)
            events = int(row[0]) if row else 0
    size = sum(Path(file).stat().st_size for file in files)
    return RawLimit(statistics.median(cpu), statistics.median(wall), events, len(files), size / 1e6)


def own_cpu_seconds() -> float:
    """Return the CPU seconds of this process so far, children that ended included."""
    total = 0.0
    for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN):
        usage = resource.getrusage(who)
        total += usage.ru_utime + usage.ru_stime
    return total
