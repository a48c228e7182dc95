"""The event log of runs asks its storage with the connections that it keeps."""

from __future__ import annotations

from pathlib import Path

import pytest
from dagster._core.storage.event_log.sqlite import sqlite_event_log

from pm_pipeline.event_log import EventLog


def test_tables_are_looked_for_without_a_new_engine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = EventLog(str(tmp_path))
    assert list(log.all_asset_keys()) == []
    monkeypatch.delattr(sqlite_event_log, "create_engine")
    assert log.supports_asset_checks
    assert not log.has_table("nothing")
