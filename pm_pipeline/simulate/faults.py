"""Broken records: which, of what kind, beside which good record, and the reason to expect.

Belongs here: the choice of faults and how each breaks the fields of a record. Does not belong
here: the formats of files (``files``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from pm_pipeline.simulate import scenario as plan
from pm_pipeline.simulate.draws import draws
from pm_pipeline.simulate.records import APP, BACKFILL, PARTNER, WEB, Records

KINDS: dict[str, tuple[str, ...]] = {
    APP: (
        "invalid_json",
        "invalid_utf8",
        "missing_event_time",
        "invalid_event_time",
        "missing_identity",
        "missing_event_name",
        "in_future",
        "before_earliest_event",
    ),
    BACKFILL: ("missing_event_time", "missing_identity", "before_earliest_event"),
    WEB: (
        "too_few_columns",
        "too_many_columns",
        "invalid_utf8",
        "invalid_event_time",
        "missing_identity",
        "in_future",
    ),
    PARTNER: ("invalid_event_time", "missing_identity", "too_few_columns"),
}
"""What can be wrong with a record, by source."""

IN_BYTES = {"invalid_json", "invalid_utf8", "too_few_columns", "too_many_columns"}
"""Faults of the written line; the others are faults of the fields."""

FAR_FUTURE_MS = 4_102_448_400_000  # 2100: in the future of every clock that will read it
BEFORE_ALL_MS = 86_400_123  # a device whose clock started anew in 1970


@dataclass(frozen=True)
class Fault:
    """A broken twin of the record at ``beside``."""

    beside: int
    kind: str
    number: int

    @property
    def reason(self) -> str:
        """The reason with which the record is to be rejected."""
        return "wrong_column_count" if self.kind.endswith("_columns") else self.kind


def choose_faults(seed: int, records: Records) -> dict[int, list[Fault]]:
    """Choose the faults of each file, in the order of the records they stand beside."""
    generator = draws(seed, "faults")
    size = max(1, round(plan.MALFORMED_RATE * len(records.event)))
    beside = generator.integers(0, len(records.event), size)
    luck = generator.random(size)
    chosen: dict[int, list[Fault]] = {}
    for number, record in enumerate(np.sort(beside).tolist()):
        file = int(records.file[record])
        kinds = KINDS[records.files[file].source]
        kind = kinds[int(luck[number] * len(kinds))]
        chosen.setdefault(file, []).append(Fault(record, kind, number))
    return chosen


def break_fields(fields: dict[str, Any], fault: Fault, *, bad_time: Any, at_ms: int) -> int:
    """Break ``fields`` (canonical names) in place; return the time to write, in milliseconds."""
    fields["event_id"] = f"broken-{fault.number:05d}"
    if fault.kind == "missing_event_time":
        fields["event_time"] = None
    elif fault.kind == "invalid_event_time":
        fields["event_time"] = bad_time
    elif fault.kind == "missing_identity":
        fields["user_id"] = fields["device_id"] = None
    elif fault.kind == "missing_event_name":
        fields["event_name"] = None
    elif fault.kind == "in_future":
        return FAR_FUTURE_MS
    elif fault.kind == "before_earliest_event":
        return BEFORE_ALL_MS
    return at_ms


def break_line(line: bytes, fault: Fault, separator: bytes) -> bytes:
    """Break a written line (without its end)."""
    if fault.kind == "invalid_json":
        return line[: len(line) * 2 // 3]
    if fault.kind == "invalid_utf8":
        return line.replace(b"broken-", b"broken\xff\xfe-", 1)
    if fault.kind == "too_few_columns":
        return separator.join(line.split(separator)[:2])
    return line + separator + b"left over" + separator
