"""Keep, kill or reboot: the advice in decline, from the letters of evidence.

Belongs here: the order of the rules, and what would flip an advice. Does not belong here: how a
letter is found (``letters.py``), acting on an advice: people decide.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

Recommendation = Literal["keep", "kill", "reboot"]
Known = bool | None


@dataclass(frozen=True)
class Letters:
    """What is known; None is unknown, which is neither true nor false.

    ``old_leave`` O, ``new_lack`` N, ``pays`` V at least 0, ``validated`` X, ``depended_on`` D.
    """

    old_leave: Known
    new_lack: Known
    pays: Known
    validated: Known
    depended_on: Known


@dataclass(frozen=True)
class Advice:
    """An advice with its reason, or the reason why there is none."""

    recommendation: Recommendation | None
    reason: str
    is_low_confidence: bool = False


def advise(letters: Letters) -> Advice:
    """Return the advice of the first rule that holds."""
    leave, lack = letters.old_leave, letters.new_lack
    not_depended_on = letters.depended_on is False
    if letters.validated:
        return Advice("reboot", "an experiment on it was validated in the last 26 weeks")
    if lack and leave is False:
        return Advice("reboot", "old users stay and new ones stay away")
    if leave and not_depended_on and letters.pays is False:
        return Advice(
            "kill", "old users leave, hardly anybody uses it alone, it costs more than it earns"
        )
    if leave and lack and not_depended_on and letters.pays is None:
        return Advice(
            "kill",
            "old users leave, new ones stay away, hardly anybody uses it alone; "
            "give monthly_cost and monthly_value to be sure",
            is_low_confidence=True,
        )
    if leave is False and lack is False:
        return Advice("keep", "neither do old users leave nor do new ones stay away")
    if letters.pays:
        return Advice("keep", "it earns what it costs")
    if letters.depended_on:
        return Advice("keep", "many of its users use nothing else")
    told = ", ".join(_open_questions(letters))
    return Advice(None, f"not enough is known: {told}" if told else "the evidence is mixed")


def _open_questions(letters: Letters) -> list[str]:
    questions = {
        "old_leave": "whether old users leave is unknown",
        "new_lack": "whether new ones stay away is unknown",
        "pays": "its value is unknown (give monthly_value and monthly_cost)",
        "depended_on": "whether its users use anything else is unknown",
    }
    return [words for name, words in questions.items() if getattr(letters, name) is None]


NAMES = {
    "O": "old_leave",
    "N": "new_lack",
    "V": "pays",
    "X": "validated",
    "D": "depended_on",
}


def flips(letters: Letters) -> dict[str, str | None]:
    """Return what would flip the advice: a letter and its other truth, and the advice then."""
    now = advise(letters).recommendation
    found: dict[str, str | None] = {}
    for letter, name in NAMES.items():
        for other in (True, False):
            if getattr(letters, name) is other:
                continue
            then = advise(replace(letters, **{name: other})).recommendation
            if then != now:
                found[f"{letter} {'true' if other else 'false'}"] = then
    return found
