"""The lock of a home: one holder, whoever it is, and nothing to clean up after it."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from pm_pipeline.home import Home
from pm_pipeline.lock import HomeBusy, hold_home, is_busy
from tests.conftest import REPOSITORY

HOLDER = """
import sys
from pm_pipeline.home import Home
from pm_pipeline.lock import hold_home
with hold_home(Home.locate(sys.argv[1])) as taken_now:
    print("held", taken_now, flush=True)
    sys.stdin.read()
"""


@contextmanager
def held_elsewhere(home: Home) -> Iterator[subprocess.Popen[str]]:
    """Another process holds the home."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(home.root)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY,
    )  # fmt: skip
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held True\n"
    try:
        yield holder
    finally:
        holder.kill()
        holder.communicate()


def test_a_second_holder_is_told_who_the_first_is(home: Home) -> None:
    with held_elsewhere(home) as holder:
        assert is_busy(home)
        words = rf"process {holder.pid}, since \d{{4}}-.* UTC"
        with pytest.raises(HomeBusy, match=words), hold_home(home):
            pytest.fail("two at once")
        assert is_busy(home), "who was refused takes nothing from the holder"


def test_a_killed_holder_leaves_the_home_free(home: Home) -> None:
    with held_elsewhere(home) as holder:
        holder.send_signal(signal.SIGKILL)
        holder.wait()
        assert str(holder.pid) in home.lock_file.read_text(), "its words are still there"
        assert not is_busy(home)
        with hold_home(home) as taken_now:
            assert taken_now
            assert str(os.getpid()) in home.lock_file.read_text()
    assert home.lock_file.read_text() == ""


def test_a_command_and_the_job_that_it_runs_share_the_lock(home: Home) -> None:
    with hold_home(home) as outer:
        with hold_home(home) as inner:
            assert (outer, inner) == (True, False)
        assert is_busy(home), "the inner one gives nothing back"
    assert not is_busy(home)


def test_an_error_inside_gives_the_lock_back(home: Home) -> None:
    with pytest.raises(ZeroDivisionError), hold_home(home):
        _ = 1 / 0
    assert not is_busy(home)


def test_asking_needs_no_home_and_makes_nothing(home: Home) -> None:
    assert not is_busy(home)
    assert not home.state.exists()


def test_homes_do_not_share_a_lock(home: Home) -> None:
    other = Home(home.root.with_name("other"))
    with hold_home(home), hold_home(other) as taken_now:
        assert taken_now


def test_who_only_asks_does_not_turn_a_run_away(home: Home) -> None:
    """``is_busy`` holds the lock for an instant; a run that comes then asks again."""
    home.state.mkdir()
    asked = threading.Event()

    def ask() -> None:
        with home.lock_file.open("w") as file:
            fcntl.flock(file, fcntl.LOCK_SH)
            asked.set()
            time.sleep(0.05)

    asking = threading.Thread(target=ask)
    asking.start()
    asked.wait()
    with hold_home(home) as taken_now:
        assert taken_now
    asking.join()


def test_two_who_ask_at_once_see_a_free_home(home: Home) -> None:
    home.state.mkdir()
    with home.lock_file.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        assert not is_busy(home)
