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
    "decline": "Watch whether old users leave or new ones stay away, who uses nothing else, and "
    "value against cost: keep, kill or reboot?",
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
REASONS = {
    "interval_above_growth_rate": "it certainly grows",
    "interval_below_decline_rate": "it certainly falls",
    "interval_is_steady": "it certainly changes little",
    "new_and_little_used": "new, and few of those it is meant for use it yet",
    "interval_too_wide": "too uncertain this week to change the stage",
    "awaits_confirmation": "another stage shows, but not for four weeks yet",
    "seasonal_or_recent": "it falls, but not below the same weeks of last year",
    "declines_with_product": "it falls, but no faster than the product",
    "too_few_users": "too few people a week to tell",
    "week_without_users": "a week of the last quarter has nobody",
}
"""Why a subject is in its stage, by the reason of ``lifecycle.product_stages``."""
USER_STAGES = {
    "new": "new",
    "current": "current",
    "resurrected": "resurrected",
    "at_risk": "at risk",
    "dormant": "dormant",
}
LETTERS = {
    "O": "Old users leave",
    "N": "New users stay away",
    "V": "It earns what it costs",
    "X": "An experiment on it was validated lately",
    "D": "Many use nothing else",
}
FLIPS = {
    "O true": "old users left",
    "O false": "old users stayed",
    "N true": "new users stayed away",
    "N false": "new users kept coming",
    "V true": "it earned what it costs",
    "V false": "it cost more than it earns",
    "X true": "an experiment on it were validated",
    "X false": "no experiment on it were validated",
    "D true": "many used nothing else",
    "D false": "its users used other things too",
}
"""What would be different, by letter and truth."""


def stage_name(stage: str | None) -> str:
    """Return a stage as people say it."""
    return STAGES.get(stage or "", stage or "unknown")


def stage_reason(reason: str | None) -> str:
    """Return why a subject is in its stage, as people say it."""
    return REASONS.get(reason or "", plain(reason or ""))


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
