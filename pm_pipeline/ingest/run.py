"""Landing to lake: the one function that other rooms call.

Belongs here: which files are read, in what batches, and what is reported. Does not belong here:
how a file is read, which copy is kept, how the lake is written.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import astuple, dataclass
from datetime import datetime

from pm_pipeline.home import Home
from pm_pipeline.ingest import lake, ledger
from pm_pipeline.ingest.batch import Batch
from pm_pipeline.ingest.discovery import LandingFile, UnreadFile, discover, is_fresh
from pm_pipeline.ingest.errors import FileChangedError, UnreadableFileError
from pm_pipeline.ingest.ledger import LedgerFile, RecordTotals
from pm_pipeline.ingest.reading.streams import file_sha256
from pm_pipeline.ingest.rules import IngestRules
from pm_pipeline.ingest.templates import utc
from pm_pipeline.state import open_state

MEMORY_LIMIT = "2GB"
# A batch is committed once its files, unpacked, come to so much.
BATCH_BYTES = 1 << 29


@dataclass(frozen=True)
class IngestSummary:
    """What a run of ingest did and what the lake holds now.

    ``read`` counts the records of the files read in this run as they stand after it, ``present``
    those of all files. ``changed`` says whether the ledger's version rose.
    """

    files_read: int
    files_unchanged: int
    files_removed: int
    unread: tuple[UnreadFile, ...]
    read: RecordTotals
    present: RecordTotals
    changed: bool
    ledger_version: int


def ingest(
    home: Home,
    rules: IngestRules,
    *,
    now: datetime,
    progress: Callable[[str], None] | None = None,
    memory_limit: str = MEMORY_LIMIT,
    batch_bytes: int = BATCH_BYTES,
) -> IngestSummary:
    """Bring the lake up to what lies in landing; the caller holds the home's lock.

    ``now`` is an aware moment: it judges what is fresh and what lies in the future. ``progress``
    is called with a line at every step. Raises ``IngestError`` when nothing can be done; a file
    that cannot be read is listed in the summary instead.
    """
    return _Run(home, rules, now, progress or (lambda line: None), memory_limit, batch_bytes).go()


class _Run:
    """One run of ingest over all of landing."""

    def __init__(
        self,
        home: Home,
        rules: IngestRules,
        now: datetime,
        progress: Callable[[str], None],
        memory_limit: str,
        batch_bytes: int,
    ) -> None:
        self._home = home
        self._rules = rules
        self._now = now
        self._progress = progress
        self._memory_limit = memory_limit
        self._batch_bytes = batch_bytes
        self._unread: list[UnreadFile] = []
        self._touched: list[tuple[str, int]] = []
        self._read: list[str] = []
        self._removed = 0
        self._unchanged = 0
        self._batch: Batch | None = None
        self._version = 0

    def go(self) -> IngestSummary:
        with open_state(self._home) as state:
            before = ledger.read_snapshot(state)
            lake.clean(self._home, state, now=self._now)
            lake.refresh_manifest(self._home, state)
        self._version = before.version
        found = discover(self._home.landing, self._rules.sources)
        self._unread.extend(found.unread)
        try:
            for file in found.unread:
                if file.reason == "no_source" and file.path in before.files:
                    self._current_batch().remove(before.files[file.path])
                    self._removed += 1
            for landing_file in found.files:
                self._consider(landing_file, before.files.get(landing_file.path))
            self._commit()
        finally:
            if self._batch is not None:
                self._batch.close()
        unread = tuple(sorted(self._unread, key=astuple))
        changed = self._version != before.version
        read, present = RecordTotals(), before.present
        if changed or self._touched or unread != before.unread:
            with open_state(self._home) as state:
                ledger.refresh_times(state, self._touched)
                ledger.replace_unread(state, unread)
                read = ledger.totals(state, self._read)
                present = ledger.totals(state)
        return IngestSummary(
            files_read=len(self._read),
            files_unchanged=self._unchanged,
            files_removed=self._removed,
            unread=unread,
            read=read,
            present=present,
            changed=changed,
            ledger_version=self._version,
        )

    def _consider(self, file: LandingFile, old: LedgerFile | None) -> None:
        try:
            if self._is_known(file, old):
                self._unchanged += 1
                return
            if self._is_fresh(file):
                self._leave(file, "too_fresh", "it changed in the last 10 seconds")
                return
            self._progress(f"reading {file.path}")
            self._current_batch().read(file, old)
        except UnreadableFileError as error:
            self._leave(file, "unreadable", str(error))
            return
        except FileChangedError:
            self._leave(file, "too_fresh", "it changed while it was read")
            return
        self._read.append(file.path)
        if self._current_batch().bytes_read >= self._batch_bytes:
            self._commit()

    def _is_known(self, file: LandingFile, old: LedgerFile | None) -> bool:
        """Whether the ledger's rows of this file stand as they are."""
        if old is None or old.rules_sha256 != file.source.applied_sha256:
            return False
        if old.judge_again_at is not None and old.judge_again_at <= utc(self._now):
            return False
        if (old.size_bytes, old.modified_ns) == (file.size_bytes, file.modified_ns):
            return True
        if self._is_fresh(file) or old.size_bytes != file.size_bytes:
            return False
        if file_sha256(file.location) != old.sha256:
            return False
        self._touched.append((file.path, file.modified_ns))
        return True

    def _is_fresh(self, file: LandingFile) -> bool:
        return is_fresh(file.modified_ns, self._now.timestamp())

    def _leave(self, file: LandingFile, reason: str, detail: str) -> None:
        self._unread.append(UnreadFile(file.path, reason, detail))

    def _current_batch(self) -> Batch:
        if self._batch is None:
            self._batch = Batch(
                self._home, self._rules, now=self._now, memory_limit=self._memory_limit
            )
        return self._batch

    def _commit(self) -> None:
        batch = self._batch
        if batch is None:
            return
        if not batch.is_empty:
            self._version = batch.commit(version=self._version, progress=self._progress)
        batch.close()
        self._batch = None
