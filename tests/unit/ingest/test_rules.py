"""From ``product.yml`` to the rules of ingest."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from ingest_world import lake_rows, land

from pm_pipeline.home import Home
from pm_pipeline.ingest import ColumnRule, IngestRules, ingest, ingest_rules
from pm_pipeline.product import load_product

PRODUCT = """
product:
  {name: Songbird, vision: "A song.", timezone: Europe/Berlin, earliest_event: 2026-01-01}
sources:
  - name: clicks
    path: "clicks/*.csv"
    format: csv
    delimiter: ";"
    columns:
      user_id: uid
      event_name: {value: click}
      event_time: {column: ts, format: "%d/%m/%Y %H:%M", timezone: Europe/Berlin}
    properties: "*"
identity: {ignore_ids: ["guest"]}
exclude: ["properties.bot = true"]
"""


def rules_of_text(home: Home, text: str) -> IngestRules:
    home.product_file.write_text(text)
    return ingest_rules(load_product(home.product_file))


def test_rules_of_a_product(tmp_path: Path) -> None:
    rules = rules_of_text(Home(tmp_path), PRODUCT)
    assert rules.earliest_event == datetime(2025, 12, 31, 23, tzinfo=UTC)
    [clicks] = rules.sources
    assert clicks.columns["event_name"] == ColumnRule(value="click")
    assert clicks.columns["event_time"].timezone == "Europe/Berlin"
    assert (clicks.delimiter, clicks.properties) == (";", "*")


def test_a_product_is_carried_out(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.landing.mkdir()
    rules = rules_of_text(home, PRODUCT)
    text = "uid;ts;bot\nu;01/01/2026 00:30;true\nv;01/01/2026 00:30;\nguest;01/01/2026 00:30;\n"
    land(home, "clicks/a.csv", text + "w;31/12/2025 23:59;\n")
    summary = ingest(home, rules, now=datetime(2026, 2, 1, tzinfo=UTC))
    assert lake_rows(home, "source_user_id, event_at") == [
        ("u", datetime(2025, 12, 31, 23, 30), "excluded"),
        ("v", datetime(2025, 12, 31, 23, 30), "event"),
    ]
    assert (summary.present.rejected, summary.present.excluded) == (2, 1)


def test_whatever_decides_over_a_record_is_in_the_hash(tmp_path: Path) -> None:
    home = Home(tmp_path)
    changes = [
        ("name: Songbird", "name: Other", False),
        ("timezone: Europe/Berlin, earliest", "timezone: UTC, earliest", True),
        ("2026-01-01", "2026-01-02", True),
        ("guest", "visitor", True),
        ("properties.bot = true", "properties.robot = true", True),
        ("{value: click}", "action", True),
    ]
    before = rules_of_text(home, PRODUCT).sources[0].applied_sha256
    for old, new, matters in changes:
        assert old in PRODUCT
        after = rules_of_text(home, PRODUCT.replace(old, new, 1)).sources[0].applied_sha256
        assert (after != before) is matters, new
