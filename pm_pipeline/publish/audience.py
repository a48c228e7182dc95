"""Audiences for other tools: who came into a stage or persona since the last export, who left it.

Belongs here: the difference, its file, and what was exported last. Does not belong here: who is in
which stage or persona; the published tables say it.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

import duckdb

from pm_pipeline.home import Home

QUERIES = Path(__file__).parent / "sql" / "audience"
Kind = Literal["stage", "persona"]
Format = Literal["csv", "parquet"]
STAGES = ("new", "current", "at_risk", "dormant", "resurrected")


@dataclass(frozen=True)
class Difference:
    """Who was added and removed since the last export; asked again, under the same key."""

    kind: Kind
    name: str
    as_of: datetime
    added: tuple[str, ...]
    removed: tuple[str, ...]
    members: tuple[str, ...]
    key: str

    @property
    def is_empty(self) -> bool:
        """Whether nobody came or left."""
        return not self.added and not self.removed


def audience_difference(
    home: Home, kind: Kind, name: str, *, with_devices: bool = False
) -> Difference:
    """Return who came and who left since the last export of this audience."""
    with duckdb.connect(str(home.published_database), read_only=True) as connection:
        found = connection.execute(
            _query(kind), {"name": name, "with_devices": with_devices}
        ).fetchall()
        ((as_of,),) = connection.execute(_query("as_of")).fetchall()
    members = tuple(row[0] for row in found)
    before = _last(home, kind, name)
    earlier, current = set(before["members"]), set(members)
    added, removed = tuple(sorted(current - earlier)), tuple(sorted(earlier - current))
    text = json.dumps([kind, name, before["key"], added, removed])
    key = hashlib.sha256(text.encode()).hexdigest()
    return Difference(kind, name, as_of, added, removed, members, key)


def write_difference(home: Home, difference: Difference, folder: Path, form: Format) -> Path:
    """Write the difference as a file into ``folder`` and remember that it was exported.

    A file is there as a whole or not at all. Killed before the end, the same export again writes
    the same file under the same key.
    """
    import pyarrow as pa
    import pyarrow.csv
    import pyarrow.parquet

    changes = [
        *((user, "added") for user in difference.added),
        *((user, "removed") for user in difference.removed),
    ]
    table = pa.table(
        {
            "user_id": [user for user, _ in changes],
            "change": [change for _, change in changes],
            "audience": [f"{difference.kind}:{difference.name}"] * len(changes),
            "as_of": [difference.as_of] * len(changes),
            "idempotency_key": [difference.key] * len(changes),
        }
    )
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{difference.kind}-{difference.name}-{difference.key[:12]}.{form}"
    target, unfinished = folder / name, folder / f".{name}.{os.getpid()}.part"
    if form == "csv":
        pyarrow.csv.write_csv(table, unfinished)
    else:
        pyarrow.parquet.write_table(table, unfinished)
    unfinished.replace(target)
    _remember(home, difference)
    return target


def _query(name: str) -> str:
    return (QUERIES / f"{name}.sql").read_text(encoding="utf-8")


def _state_file(home: Home, kind: str, name: str) -> Path:
    # A name is the product file's, but a stage's or persona's only when it is found there.
    safe = hashlib.sha256(name.encode()).hexdigest()[:16]
    return home.state / "audiences" / f"{kind}-{safe}.json"


def _last(home: Home, kind: str, name: str) -> dict[str, list[str] | str]:
    file = _state_file(home, kind, name)
    if not file.exists():
        return {"key": "", "members": []}
    found: dict[str, list[str] | str] = json.loads(file.read_text(encoding="utf-8"))
    return found


def _remember(home: Home, difference: Difference) -> None:
    file = _state_file(home, difference.kind, difference.name)
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_name(f"{file.name}.{os.getpid()}.part")
    state = {"key": difference.key, "members": difference.members}
    unfinished.write_text(json.dumps(state), encoding="utf-8")
    unfinished.replace(file)
