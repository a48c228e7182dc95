"""How a run looks on a terminal, and in a log.

Belongs here: drawing steps, tables and errors. Does not belong here: what they say.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.status import Status

from pm_pipeline.progress import Step, listening


def make_console(*, stderr: bool = False) -> Console:
    """Return a console that writes plain, unbroken lines when nobody watches."""
    # Bound now: while libraries run, standard output is sent to a file.
    return Console(file=sys.stderr if stderr else sys.stdout, highlight=False, soft_wrap=True)


@contextmanager
def drawn_steps(console: Console) -> Iterator[None]:
    """Draw the steps of a run as they go: a moving line on a terminal, one line each otherwise."""
    status = console.status("") if console.is_terminal else None

    def draw(current: Step) -> None:
        if current.seconds is None:
            _move(status, f"{current.name}  [dim]{escape(current.detail)}[/dim]")
            return
        _move(status, None)
        mark = "[red]failed[/red]" if current.failed else "[green]done[/green]"
        console.print(
            f"{mark:<6}  {current.name:<8}  {escape(current.detail)}"
            f"  [dim]{current.seconds:.1f} s[/dim]"
        )

    with listening(draw):
        try:
            yield
        finally:
            _move(status, None)


def _move(status: Status | None, text: str | None) -> None:
    """Show a moving line with ``text``, or take it away."""
    if status is None:
        return
    if text is None:
        status.stop()
    else:
        status.update(text)
        status.start()
