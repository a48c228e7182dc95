"""The time-out of sessions, one for all or one per platform."""

from __future__ import annotations

import pytest
from product_files import MINIMAL


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("{ios: 5 minutes}", "expected a duration, or a map per platform that has 'default'"),
        ("{default: 1 hour, iOS: 5 minutes, ios: 4 minutes}", "'ios' is listed twice"),
        ("{default: 1 hour, tv: 0}", "expected a duration longer than 0, got 0"),
    ],
)
def test_a_faulty_map_of_time_outs_is_refused(faults_of, written: str, message: str) -> None:
    (fault,) = faults_of(
        MINIMAL.replace("name: Larder", f"name: Larder\n  session_timeout: {written}")
    )
    assert (fault.key, fault.message) == ("product.session_timeout", message)
