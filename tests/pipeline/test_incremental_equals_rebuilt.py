"""Whatever the order of files and however runs end, the tables are those of one run over all."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from pm_pipeline.home import Home
from tests.conftest import REPOSITORY, command, copy_home, environment_of
from tests.fixtures.warm_commands import start
from tests.pipeline.comparison import differences
from tests.pipeline.sequences import (
    EDITS,
    OTHER_DEFINITIONS,
    PRODUCT,
    Sequence,
    edited,
    make_sequence,
)

AS_OF = "2026-04-07"


def run(home: Home, *flags: str) -> None:
    ran = command("run", *flags, home=home)
    assert ran.code == 0, ran.output


def run_and_kill(home: Home, *flags: str, when: Callable[[str], bool], after: float = 0.0) -> None:
    """Start a run and SIGKILL it ``after`` seconds from the first line for which ``when`` holds."""
    running = start(["run", *flags], environment_of(home), REPOSITORY)
    for line in running.lines():
        if when(line):
            time.sleep(after)
            break
    running.kill()
    assert running.process.exitcode == -signal.SIGKILL, "it ended before it could be killed"


def is_done(step: str) -> Callable[[str], bool]:
    return lambda line: line.startswith("done") and step in line


def rebuilt(sequence: Sequence, folder: Path, as_of: str = AS_OF, product: str = PRODUCT) -> Home:
    """One run over all files on a fresh home."""
    home = Home(folder)
    sequence.write(home, product=product)
    run(home, "--as-of", as_of)
    return home


def test_shuffled_batches_with_kills_equal_one_run(tmp_path: Path) -> None:
    sequence = make_sequence(1)
    names = [name for name, _ in sequence.files]
    random.Random(1).shuffle(names)
    home = Home(tmp_path / "batches")
    as_ofs = ["2026-04-01", "2026-04-03", "2026-03-30", "2026-04-03T12:00", "2026-04-05", AS_OF]
    for number, (name, as_of) in enumerate(zip(names, as_ofs, strict=True)):
        # Definitions change while the batches come in, also in a run that is killed.
        sequence.write(home, {name}, OTHER_DEFINITIONS if number in (1, 4) else PRODUCT)
        if number == 2:
            run_and_kill(home, "--as-of", as_of, when=is_done("gate A"), after=6.0)
        if number == 4:
            run_and_kill(home, "--as-of", as_of, when=is_done("gate B"))
            sequence.write(home, {name})
        run(home, "--as-of", as_of)
    assert differences(home, rebuilt(sequence, tmp_path / "rebuilt")) == []


KILL_POINTS: dict[str, tuple[Callable[[str], bool], float]] = {
    "ingest": (lambda line: "Awkward" in line, 5.0),
    "gate A": (is_done("ingest"), 1.0),
    "models, early": (is_done("gate A"), 4.0),
    "models, late": (is_done("gate A"), 8.0),
    "publish": (is_done("gate B"), 0.3),
}


@pytest.mark.long
@pytest.mark.parametrize("point", KILL_POINTS)
def test_a_run_killed_anywhere_is_finished_by_the_next(point: str, tmp_path: Path) -> None:
    sequence = make_sequence(2)
    names = [name for name, _ in sequence.files]
    home = Home(tmp_path / "killed")
    sequence.write(home, set(names[:3]))
    run(home, "--as-of", "2026-04-01")
    sequence.write(home, set(names[3:]))
    when, after = KILL_POINTS[point]
    run_and_kill(home, "--as-of", AS_OF, when=when, after=after)
    run(home, "--as-of", AS_OF)
    assert differences(home, rebuilt(sequence, tmp_path / "rebuilt")) == []


@dataclass(frozen=True)
class Trouble:
    """What is awkward about the batches, everything else being in order."""

    late: float = 0.0
    copied: float = 0.0
    is_shuffled: bool = False
    as_ofs: tuple[str, ...] = (AS_OF, AS_OF, AS_OF)
    products: tuple[str, ...] = (PRODUCT, PRODUCT, PRODUCT)


TROUBLES = {
    "nothing but batches": Trouble(),
    "late records": Trouble(late=0.3),
    "copies that differ": Trouble(copied=0.2),
    "files in another order": Trouble(is_shuffled=True),
    "an as-of that moves to and fro": Trouble(as_ofs=("2026-04-05", "2026-03-20T10:00", AS_OF)),
    "definitions edited and edited back": Trouble(products=(PRODUCT, OTHER_DEFINITIONS, PRODUCT)),
}
"""Kills alone are ``KILL_POINTS``."""


@pytest.mark.long
@pytest.mark.parametrize("name", TROUBLES)
def test_each_trouble_alone_changes_nothing(name: str, tmp_path: Path) -> None:
    trouble = TROUBLES[name]
    sequence = make_sequence(3, batches=3, late=trouble.late, copied=trouble.copied)
    names = [file for file, _ in sequence.files]
    home = Home(tmp_path / "batches")
    files = names[::-1] if trouble.is_shuffled else names
    for file, as_of, product in zip(files, trouble.as_ofs, trouble.products, strict=True):
        sequence.write(home, {file}, product)
        run(home, "--as-of", as_of)
    assert differences(home, rebuilt(sequence, tmp_path / "rebuilt")) == []


@pytest.mark.long
@pytest.mark.parametrize("seed", range(20))
def test_any_order_of_batches_and_definitions_equals_one_run(seed: int, tmp_path: Path) -> None:
    """Late files and identities, other as-ofs, kills, and definitions edited and edited back."""
    sequence = make_sequence(100 + seed)
    rng = random.Random(seed)
    names = [name for name, _ in sequence.files]
    rng.shuffle(names)
    home = Home(tmp_path / "batches")
    while names:
        take = rng.randint(1, 3)
        product = edited(edit for edit in EDITS if rng.random() < 0.5)
        sequence.write(home, set(names[:take]), product)
        names = names[take:]
        as_of = AS_OF if not names else f"2026-04-{rng.randint(1, 7):02}"
        if rng.random() < 0.4:
            # The killed run has other definitions than the one that follows.
            sequence.write(home, set(), edited(edit for edit in EDITS if rng.random() < 0.5))
            run_and_kill(
                home, "--as-of", as_of, when=is_done("gate A"), after=rng.choice([2.0, 5.0, 8.0])
            )
            sequence.write(home, set(), product)
        run(home, "--as-of", as_of)
    assert differences(home, rebuilt(sequence, tmp_path / "rebuilt", product=product)) == []


@pytest.mark.long
def test_the_whole_sample_in_two_halves_equals_one_run(tmp_path: Path) -> None:
    whole = Home(tmp_path / "whole")
    assert command("demo", home=whole).code == 0
    halves = copy_home(whole, tmp_path / "halves")
    files = sorted(path for path in halves.landing.rglob("*") if path.is_file())
    aside = tmp_path / "aside"
    aside.mkdir()
    for number, path in enumerate(files[::2]):
        path.rename(aside / str(number))
    run(halves)
    for number, path in enumerate(files[::2]):
        (aside / str(number)).rename(path)
    run(halves)
    run(whole)
    assert differences(halves, whole) == []
