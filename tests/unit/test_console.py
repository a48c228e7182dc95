"""What a run says of its steps when nobody watches, and that words cannot break the drawing."""

from __future__ import annotations

import pytest

from pm_pipeline.console import drawn_steps, make_console
from pm_pipeline.progress import Step, listening, step


def test_steps_are_plain_lines_when_it_is_not_a_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    console = make_console()
    with drawn_steps(console):
        with step("ingest") as current:
            current.say("reading a.csv")
            current.say("3 of 3 files [read], [/nonsense] and [red]colours[/red]")
        with pytest.raises(RuntimeError), step("models"):
            raise RuntimeError
    done, failed = capsys.readouterr().out.splitlines()
    assert done.startswith("done  ingest")
    assert "3 of 3 files [read], [/nonsense] and [red]colours[/red]" in done
    assert done.endswith(" s")
    assert failed.startswith("failed  models")
    assert "\x1b" not in done + failed


def test_long_lines_are_not_broken(capsys: pytest.CaptureFixture[str]) -> None:
    with drawn_steps(make_console()), step("ingest") as current:
        current.say("x" * 500)
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_listeners_hear_every_word_and_no_other_run() -> None:
    heard: list[tuple[str, str, bool]] = []

    def listen(current: Step) -> None:
        heard.append((current.name, current.detail, current.seconds is None))

    with listening(listen), step("ingest") as current:
        current.say("half")
    with step("unheard"):
        pass
    assert heard == [("ingest", "", True), ("ingest", "half", True), ("ingest", "half", False)]
