"""Features in the report: tiles for those used most, and a page for every one."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest

from pm_pipeline.publish.report import write_report
from pm_pipeline.publish.report_page.feature_pages import feature_views
from pm_pipeline.publish.report_page.figures import FEATURE_PAGES
from pm_pipeline.publish.report_page.story import Story
from pm_pipeline.publish.report_page.usage import SHOWN_FEATURES, feature_section
from tests.fixtures.report_warehouse import make_warehouse

MONDAY = date(2026, 1, 5)
FIVE_MEGABYTES = 5_000_000
MANY_FEATURES = """
create temp table weeks as
select 'feature ' || number as name, date '2021-02-15' + cast(7 * week as integer) as start,
    10000 + 13 * week + number as people, sin(week) / 100 + 0.001234 as growth
from range(getvariable('features')) as features (number), range(260) as weeks (week);
insert into growth.accounting by name
select 'feature' as subject_kind, name as subject_name, 'week' as interval, start as period_start,
    people as active_users, true as is_complete
from weeks;
insert into engagement.feature_adoption by name
select name as feature_name, start as period_start, 3 * people as eligible_users,
    people as adopters, people / (3 * people) as adoption_rate, 99 as new_adopters,
    true as is_complete
from weeks;
insert into lifecycle.product_stages by name
select 'feature' as subject_kind, name as subject_name, start as period_start,
    people as active_users, growth as weekly_growth_rate, growth - 0.0123 as growth_low,
    growth + 0.0123 as growth_high, 1.2 as quick_ratio, 'maturity' as stage,
    date '2021-06-07' as stage_since, 'high' as confidence, 'interval_is_steady' as reason
from weeks;
"""


def figures(count: int) -> Any:
    """Two weeks of so many features, the most used first."""
    rows = [
        {"feature_name": f"feature {place}", "period_start": MONDAY + timedelta(days=7 * week),
         "active_users": 1000 - place, "is_complete": True, "features_count": count}
        for place in range(count)
        for week in range(2)
    ]  # fmt: skip
    return SimpleNamespace(features=rows, story=Story(), comments={})


def test_every_feature_has_a_page_that_something_leads_to() -> None:
    many = figures(SHOWN_FEATURES + 3)
    section = feature_section(many)
    assert section is not None
    assert len(section.tiles) == SHOWN_FEATURES
    led_to = [tile.page for tile in section.tiles] + [key for _, key in section.pages]
    views = feature_views(many)
    assert led_to == [view.key for view in views]
    assert [name for name, _ in section.pages] == [view.title for view in views[SHOWN_FEATURES:]]
    assert f"The 12 features with most people of {SHOWN_FEATURES + 3}" in section.notes[-1]


def test_few_features_are_all_shown() -> None:
    section = feature_section(figures(2))
    assert section is not None
    assert (len(section.tiles), section.pages) == (2, [])


def test_five_years_of_many_features_stay_under_five_megabytes(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """As many features as there are pages, each with five years of weeks."""
    database = make_warehouse(tmp_path / "product.duckdb", first_day=date(2021, 2, 15))
    with duckdb.connect(str(database)) as connection:
        connection.execute("set variable features = $1", [FEATURE_PAGES])
        connection.execute(MANY_FEATURES)
    report = tmp_path / "index.html"
    cache = tmp_path_factory.getbasetemp() / "report-drawing"  # shared with the other tests
    write_report(database, report, product_name="Songs", cache=cache)
    page = report.read_text(encoding="utf-8")
    assert page.count('class="view" id="feature-page-') == FEATURE_PAGES
    assert 1_000_000 < len(page.encode()) < FIVE_MEGABYTES
