"""Stages, statuses and advice in plain words.

Belongs here: what each of them means and what to watch then. Does not belong here: how they are
found.
"""

from __future__ import annotations

STAGES = {
    "introduction": "introduction",
    "growth": "growth",
    "maturity": "maturity",
    "decline": "decline",
    "insufficient_data": "too little data",
}
WATCH = {
    "introduction": "Watch the time to the first use, the share of new users who use it twice, and "
    "what they say: is it worth coming back for?",
    "growth": "Watch new users and where they come from, retention of the newest cohorts against "
    "the older ones, and the quick ratio: does it grow because people stay?",
    "maturity": "Watch stickiness, expansion and contraction, and the funnel of its core use: is "
    "the habit kept, and what does it cost?",
    "decline": "Watch whether old users leave or new ones lack, who uses nothing else, and value "
    "against cost: keep, kill or reboot?",
    "insufficient_data": "Watch whether events arrive and how many people come: 13 complete weeks "
    "with enough people are needed to tell more.",
}
ADVICE = {
    "keep": "Keep it",
    "kill": "Take it out",
    "reboot": "Start it anew",
}
STATUSES = {
    "not_started": "not started",
    "met": "met",
    "on_track": "on track",
    "at_risk": "at risk",
    "missed": "missed",
}
STATES = {"met": "pass", "on_track": "pass", "at_risk": "look", "missed": "fail"}
USER_STAGES = {
    "new": "new",
    "current": "current",
    "resurrected": "resurrected",
    "at_risk": "at risk",
    "dormant": "dormant",
}
LETTERS = {
    "O": "Old users leave",
    "N": "New users lack",
    "V": "It earns more than it costs",
    "X": "An experiment on it was validated lately",
    "D": "People use nothing else",
}


def stage_name(stage: str | None) -> str:
    """Return a stage as people say it."""
    return STAGES.get(stage or "", stage or "unknown")


def watch(stage: str | None) -> str:
    """Return which figures to watch in a stage."""
    return WATCH.get(stage or "", "")


def status_name(status: str | None) -> str:
    """Return a goal's status as people say it."""
    return STATUSES.get(status or "", status or "")


def advice_name(advice: str | None) -> str:
    """Return an advice as people say it."""
    return ADVICE.get(advice or "", "")


def plain(name: str) -> str:
    """Return a name of the product file as words."""
    return name.replace("_", " ")
