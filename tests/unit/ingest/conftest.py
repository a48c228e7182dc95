"""A home in a temporary folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from pm_pipeline.home import Home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home with an empty landing folder."""
    (tmp_path / "landing").mkdir()
    return Home(tmp_path)
