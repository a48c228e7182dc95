"""What all sections of ``product.yml`` share.

Belongs here: base classes and types of values. Does not belong here: keys of any one section.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A mapping in ``product.yml``: unknown keys are faults, and it never changes once read."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def exactly_one(section: BaseModel, *choices: tuple[str, ...]) -> tuple[str, ...]:
    """Return the one group of keys that is set whole; raise when none, several or a part is."""
    spelled = " or ".join(" + ".join(choice) for choice in choices)
    begun = [
        choice
        for choice in choices
        if any(getattr(section, name, None) is not None for name in choice)
    ]
    if len(begun) != 1:
        raise ValueError(f"expected exactly one of {spelled}")
    missing = [name for name in begun[0] if getattr(section, name) is None]
    if missing:
        raise ValueError(f"{begun[0][0]} needs {' and '.join(missing)} too")
    return begun[0]


def only_with(section: BaseModel, why: str, *names: str) -> None:
    """Raise when one of the keys is set where ``why`` does not hold."""
    for name in names:
        if getattr(section, name) is not None:
            raise ValueError(f"{name} is only for {why}")


def shorthand(key: str) -> Any:
    """Return a reader for a section that may be written as the value of one of its keys."""

    def read(value: Any) -> Any:
        return value if isinstance(value, Mapping | Section) else {key: value}

    return read
