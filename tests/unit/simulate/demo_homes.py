"""Demos written for tests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pm_pipeline.home import Home
from pm_pipeline.simulate import DemoSummary, write_demo

Written = tuple[Home, DemoSummary, dict[str, Any]]


def written(root: Path, users: int | None, days: int, seed: int) -> Written:
    home = Home(root)
    summary = write_demo(home, users=users, days=days, seed=seed)
    return home, summary, json.loads((root / "truths.json").read_text(encoding="utf-8"))
