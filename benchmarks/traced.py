"""``python -m benchmarks.traced TRACE ...``: ``pm-pipeline ...`` with the CPU time of each step.

Belongs here: listening to a run's steps from inside its process. Does not belong here: anything
that makes the run another one; the listener is the one that draws the steps on a terminal.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from benchmarks.measuring import own_cpu_seconds
from pm_pipeline.cli import main
from pm_pipeline.progress import Step, listening


def trace(path: Path, arguments: list[str]) -> None:
    """Run the command; ``path`` gets one JSON line per word of a step, also when it fails."""
    lines: list[str] = []

    def note(step: Step) -> None:
        mark = {
            "step": step.name,
            "detail": step.detail,
            "has_ended": step.seconds is not None,
            "instant": time.monotonic(),
            "cpu_seconds": own_cpu_seconds(),
        }
        lines.append(json.dumps(mark))

    try:
        with listening(note):
            main(arguments, prog_name="pm-pipeline")
    finally:
        path.write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    trace(Path(sys.argv[1]), sys.argv[2:])
