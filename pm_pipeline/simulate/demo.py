"""Writing the demo: ``product.yml``, the landing files and ``truths.json`` of a home.

Belongs here: the order of work, and what may be written over. Does not belong here: what is
simulated.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pm_pipeline.home import Home
from pm_pipeline.simulate import scenario as plan
from pm_pipeline.simulate.activity import make_plain_events, make_sessions
from pm_pipeline.simulate.events import join, separate_instants
from pm_pipeline.simulate.experiments import run_experiments
from pm_pipeline.simulate.faults import choose_faults
from pm_pipeline.simulate.features import make_feature_events
from pm_pipeline.simulate.files import Renderer
from pm_pipeline.simulate.people import make_people
from pm_pipeline.simulate.product_file import is_own_product_file, product_file
from pm_pipeline.simulate.records import make_records
from pm_pipeline.simulate.surveys import make_answers
from pm_pipeline.simulate.truths import make_truths

TRUTHS = "truths.json"


class DemoRefused(Exception):
    """The home holds files that the demo did not write and would have to replace."""


@dataclass(frozen=True)
class DemoSummary:
    """What was written."""

    product_file: Path
    truths_file: Path
    files: int
    records: int
    events: int
    users: int
    first_day: date
    last_day: date
    seed: int


def write_demo(
    home: Home, *, users: int | None, days: int = plan.DEFAULT_DAYS, seed: int = plan.DEFAULT_SEED
) -> DemoSummary:
    """Write the simulated product of ``users`` people (None: the default size) into ``home``.

    The same arguments give the same bytes. A demo that is there already is replaced.
    Raises ``DemoRefused`` before anything is changed when ``home`` holds a ``product.yml`` or a
    landing file that the demo did not write, or was already run on another demo; ``ValueError``
    when ``users``, ``days`` or ``seed`` are too small.
    """
    users = plan.DEFAULT_USERS if users is None else users
    if users < plan.MINIMUM_USERS or days < plan.MINIMUM_DAYS or seed < 0:
        raise ValueError(
            f"a demo needs at least {plan.MINIMUM_USERS} users and {plan.MINIMUM_DAYS} days, "
            "and a seed that is not negative"
        )
    _refuse_foreign_product_file(home)
    contents, exported, truths = _simulate(users, days, seed)
    _refuse_foreign_landing(home, contents, truths)
    _write(home, contents, exported, truths, product_file(users, days))
    counts = truths["counts"]
    return DemoSummary(
        product_file=home.product_file,
        truths_file=home.root / TRUTHS,
        files=len(contents),
        records=counts["records"],
        events=counts["events"],
        users=truths["users"]["people"],
        first_day=date.fromisoformat(truths["parameters"]["first_day"]),
        last_day=plan.LAST_DAY,
        seed=seed,
    )


def _simulate(
    users: int, days: int, seed: int
) -> tuple[dict[str, bytes], dict[str, int], dict[str, Any]]:
    """Return the landing files' contents and export times by path, and the truths."""
    calendar = plan.Calendar(days)
    people = make_people(seed, users, calendar)
    sessions, accounts = make_sessions(seed, people, calendar)
    plain = make_plain_events(seed, people, sessions)
    features = make_feature_events(seed, people, sessions, calendar)
    outcome = run_experiments(seed, people, sessions, join([accounts, plain, features]), calendar)
    happened = join([outcome.events, make_answers(seed, people, sessions)])
    events = separate_instants(happened.take(happened.at_ms < calendar.end_ms - 1000))
    records = make_records(seed, people, events, calendar)
    faults = choose_faults(seed, records)
    renderer = Renderer(people, records, calendar)
    contents = {
        file.path: renderer.render(index, faults.get(index, []))
        for index, file in enumerate(records.files)
    }
    hashes = [hashlib.sha256(content).hexdigest() for content in contents.values()]
    parameters = {
        "seed": seed,
        "users": users,
        "days": days,
        "first_day": str(calendar.first_day),
        "last_day": str(plan.LAST_DAY),
    }
    truths = make_truths(people, records, faults, hashes, outcome.planted, calendar)
    exported = {file.path: file.exported_ms for file in records.files}
    return contents, exported, {"parameters": parameters, **truths}


def _refuse_foreign_product_file(home: Home) -> None:
    if home.product_file.exists() and not is_own_product_file(home.product_file.read_bytes()):
        raise DemoRefused(
            f"{home.product_file} was not written by the demo, or was changed since; "
            "choose another folder with --home, or move that file away"
        )


def _refuse_foreign_landing(home: Home, contents: dict[str, bytes], truths: dict[str, Any]) -> None:
    """Refuse to replace landing files that are not as an earlier demo wrote them."""
    before = _written_before(home)
    if (
        before
        and before["parameters"] != truths["parameters"]
        and (home.state.exists() or home.lake.exists())
    ):
        # Ingest remembers the files it has read, also deleted ones: two demos would mix.
        raise DemoRefused(
            f"{home.root} was already run on a demo with other parameters; "
            "choose another folder with --home, or delete this one"
        )
    for path, content in contents.items():
        file = home.landing / path
        if not file.exists():
            continue
        found = _sha256(file)
        if found not in (hashlib.sha256(content).hexdigest(), _hash_before(before, path)):
            raise DemoRefused(
                f"{file} was not written by the demo, or was changed since; "
                "choose another folder with --home, or move that file away"
            )


def _written_before(home: Home) -> dict[str, Any]:
    """Return the truths of the demo that lies in ``home``, or nothing."""
    try:
        found = json.loads((home.root / TRUTHS).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    is_truths = isinstance(found, dict) and {"parameters", "counts"} <= found.keys()
    return found if is_truths else {}


def _hash_before(before: dict[str, Any], path: str) -> str | None:
    files = before["counts"]["files"] if before else {}
    return files[path]["sha256"] if path in files else None


def _write(
    home: Home,
    contents: dict[str, bytes],
    exported: dict[str, int],
    truths: dict[str, Any],
    product: str,
) -> None:
    """Replace the demo; ``product.yml`` comes last, so that a run never meets half of one."""
    before = _written_before(home)
    for path in before["counts"]["files"] if before else ():
        file = home.landing / path
        if path not in contents and file.exists() and _sha256(file) == _hash_before(before, path):
            file.unlink()
    document = json.dumps(truths, indent=1, ensure_ascii=False) + "\n"
    _replace(home.root / TRUTHS, document.encode())
    for path, content in contents.items():
        file = home.landing / path
        _replace(file, content)
        # A run leaves files alone that changed a moment ago; these were exported long before.
        os.utime(file, (exported[path] / 1000, exported[path] / 1000))
    _replace(home.product_file, product.encode())


def _replace(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_name(f"{file.name}.part")
    partial.write_bytes(content)
    partial.replace(file)


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
