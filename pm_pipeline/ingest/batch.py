"""One batch: some landing files read, settled, written and committed together.

Belongs here: the life of a batch in its working database. Does not belong here: which files come
(``run``), how each step works.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import duckdb

from pm_pipeline.home import Home
from pm_pipeline.ingest import duplicates, lake, ledger
from pm_pipeline.ingest.discovery import LandingFile
from pm_pipeline.ingest.ledger import LedgerFile
from pm_pipeline.ingest.reading.staging import stage
from pm_pipeline.ingest.rules import IngestRules
from pm_pipeline.ingest.templates import render, statements, utc

Progress = Callable[[str], None]


@dataclass(frozen=True)
class _Read:
    """A file of the batch after it was read."""

    number: int
    file: LandingFile
    file_id: str
    sha256: str


class Batch:
    """Files gathered for one commit; it works in an in-memory database that spills into staging."""

    def __init__(self, home: Home, rules: IngestRules, *, now: datetime, memory_limit: str) -> None:
        self._home = home
        self._rules = rules
        self._now = now
        self._reads: list[_Read] = []
        self._removals = 0
        self.bytes_read = 0
        staging = lake.staging_folder(home)
        staging.mkdir(parents=True, exist_ok=True)
        self._connection = duckdb.connect(":memory:")
        for statement in statements(
            render("settings", memory_limit=memory_limit, temp_directory=str(staging / "spill"))
        ):
            self._connection.execute(statement)
        for name in ("prepare", "staged"):
            for statement in statements(render(name, lake_columns=lake.LAKE_COLUMNS.items())):
                self._connection.execute(statement)
        ledger.load_plan(self._connection, home)

    def close(self) -> None:
        """Let go of the working database."""
        self._connection.close()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to commit."""
        return not self._reads and not self._removals

    def read(self, file: LandingFile, old: LedgerFile | None) -> None:
        """Read a file into the batch, in place of what it held before.

        Raises what ``stage`` raises; then the batch is as before.
        """
        number = len(self._reads) + 1
        staged = stage(self._connection, file, self._rules, file_number=number, now=self._now)
        rules_sha256 = file.source.applied_sha256
        identity = "\n".join((file.path, staged.sha256, rules_sha256))
        file_id = hashlib.md5(identity.encode(), usedforsecurity=False).hexdigest()
        is_judged_again = old is not None and old.file_id == file_id
        if old is not None and not is_judged_again:
            self.remove(old)
        self._connection.execute(
            "insert into batch_files values (?, ?, ?, ?, ?, ?)",
            [number, file_id, file.path, staged.sha256, file.source.name, is_judged_again],
        )
        self._reads.append(_Read(number, file, file_id, staged.sha256))
        self.bytes_read += staged.bytes_read

    def remove(self, old: LedgerFile) -> None:
        """Take the records of a file out of the lake."""
        self._connection.execute("insert into removed_files values (?)", [old.file_id])
        self._removals += 1

    def commit(self, *, version: int, progress: Progress) -> int:
        """Settle, write and commit; returns the new ledger version."""
        self._count()
        progress("looking for duplicates")
        duplicates.settle(self._connection, self._rules.exclude_sql)
        progress("writing the lake")
        lake.write_days(
            self._connection,
            self._home,
            version=version + 1,
            property_columns=self._rules.property_columns,
        )
        progress("committing")
        new_version, listed = ledger.commit(self._connection, self._home, now=self._now)
        progress("committed")
        lake.export_manifest(self._home, new_version, listed)
        return new_version

    def _count(self) -> None:
        """Write the ledger's rows of this batch, before records already in the lake are put by."""
        for name in ("content_prefixes", "batch_ledger"):
            for statement in statements(render(name)):
                self._connection.execute(statement)
        totals = {
            row[0]: row[1:] for row in self._connection.execute(render("staged_totals")).fetchall()
        }
        for read in self._reads:
            records, rejected, judge_again_at = totals.get(read.number, (0, 0, None))
            source = read.file.source
            space = f"{len(source.key_space)}:{source.key_space}:"
            self._connection.execute(
                "insert into content_prefixes values (?, ?)", [read.number, f"content:{space}"]
            )
            self._connection.execute(
                f"insert into batch_ledger by name {render('batch_ledger_row')}",
                [
                    read.file.path,
                    read.file_id,
                    read.sha256,
                    source.applied_sha256,
                    source.name,
                    source.format,
                    read.file.size_bytes,
                    read.file.modified_ns,
                    records,
                    rejected,
                    utc(self._now),
                    judge_again_at,
                ],
            )
