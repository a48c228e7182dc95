"""Simulates a product whose true answers are known: the sample that ``pm-pipeline demo`` writes.

Belongs here: people, their behaviour, the faults of their records, the files they arrive in and
the truths about them. Does not belong here: any code of the pipeline. The two meet only in the
written files, and the pipeline never reads ``truths.json``; what this room expects is worked out
from the simulation and from the documented rules, so that the one can check the other.

Order of reading: ``scenario`` (the numbers), ``people``, ``activity``, ``features``,
``experiments``, ``records``, ``files``, ``truths``, ``demo``.
"""

from __future__ import annotations

from pm_pipeline.simulate.demo import DemoRefused, DemoSummary, write_demo
from pm_pipeline.simulate.scenario import (
    DEFAULT_DAYS,
    DEFAULT_SEED,
    DEFAULT_USERS,
    MINIMUM_DAYS,
    MINIMUM_USERS,
)

__all__ = [
    "DEFAULT_DAYS",
    "DEFAULT_SEED",
    "DEFAULT_USERS",
    "MINIMUM_DAYS",
    "MINIMUM_USERS",
    "DemoRefused",
    "DemoSummary",
    "write_demo",
]
