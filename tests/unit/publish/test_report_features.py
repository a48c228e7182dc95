"""Features in the report: tiles for those used most, and a page for every one."""

from __future__ import annotations

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

from pm_pipeline.publish.report_page.feature_pages import feature_views
from pm_pipeline.publish.report_page.story import Story
from pm_pipeline.publish.report_page.usage import SHOWN_FEATURES, feature_section

MONDAY = date(2026, 1, 5)


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
