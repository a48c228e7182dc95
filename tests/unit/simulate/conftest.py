"""One simulated product for all tests of the simulator."""

from __future__ import annotations

import pytest
from demo_homes import Written, written


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Written:
    """The demo of the default size."""
    return written(tmp_path_factory.mktemp("sample"), None, 400, 20260101)


@pytest.fixture(scope="session", params=[(300, 60, 20260101), (700, 100, 7), (50, 30, 3)])
def small(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Written:
    """Demos that plain Python can count."""
    return written(tmp_path_factory.mktemp("small"), *request.param)
