"""Files that several tests of this room read."""

from __future__ import annotations

from pathlib import Path

EVERYTHING = Path(__file__).with_name("everything.yml")

MINIMAL = """\
product:
  name: Larder
sources:
  - name: app
    path: app/*.csv
    format: csv
    columns:
      user_id: uid
      event_name: action
      event_time: ts
"""
