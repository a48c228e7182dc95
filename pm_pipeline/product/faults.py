"""What is wrong with a ``product.yml``, in words its author understands.

Belongs here: the fault, the error that carries all of them, and the wording they share. Does not
belong here: finding faults; each kind is found where the rule that it breaks is stated.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

LONGEST_VALUE_SHOWN = 60
NOT_SUPPORTED = "not supported yet: "


@dataclass(frozen=True, order=True)
class Fault:
    """One fault: where it stands (line from 1, 0 for the whole file), the key's path, the cure."""

    line: int
    key: str
    message: str
    file: str = "product.yml"

    def __str__(self) -> str:
        """Return ``product.yml:12: sources[0].formt: unknown key, did you mean 'format'?``."""
        where = f"{self.file}:{self.line}" if self.line else self.file
        key = "" if self.message.startswith(NOT_SUPPORTED) else self.key  # it names the key itself
        return ": ".join(part for part in (where, key, self.message) if part)


class ProductFileError(Exception):
    """A ``product.yml`` that cannot be used; ``faults`` lists all of them by line."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        """Keep every distinct fault, sorted by line, then key."""
        self.faults: list[Fault] = sorted(set(faults))
        super().__init__("\n".join(str(fault) for fault in self.faults))


def key_path(location: Sequence[str | int]) -> str:
    """Return a location as its author would write it: ``sources[0].columns.user_id``."""
    path = ""
    for part in location:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else str(part)
    return path


def shown(value: Any) -> str:
    """Return a value as it stands in the file, cut when long."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    text = str(value)
    if len(text) > LONGEST_VALUE_SHOWN:
        text = text[: LONGEST_VALUE_SHOWN - 1] + "…"
    return f"'{text}'" if isinstance(value, str) else text


def closest(word: object, candidates: Iterable[str]) -> str | None:
    """Return the candidate that was probably meant."""
    lowered = {candidate.lower(): candidate for candidate in candidates}
    close = difflib.get_close_matches(str(word).lower(), lowered, n=1, cutoff=0.6)
    return lowered[close[0]] if close else None


def did_you_mean(word: object, candidates: Iterable[str]) -> str:
    """Return ``, did you mean 'x'?`` for the closest candidate, or an empty text."""
    meant = closest(word, candidates)
    return f", did you mean '{meant}'?" if meant else ""


def one_of(candidates: Iterable[str]) -> str:
    """Return ``a, b or c``."""
    listed = list(candidates)
    if len(listed) < 2:
        return "".join(listed)
    return f"{', '.join(listed[:-1])} or {listed[-1]}"
