"""Times and days as users type them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from pm_pipeline.options import midnight, parse_as_of, parse_date


@pytest.mark.parametrize(
    ("text", "timezone", "expected"),
    [
        ("2026-03-01", "UTC", datetime(2026, 3, 1, tzinfo=UTC)),
        ("2026-03-01", "Europe/Berlin", datetime(2026, 2, 28, 23, tzinfo=UTC)),
        ("2026-07-01", "Europe/Berlin", datetime(2026, 6, 30, 22, tzinfo=UTC)),
        ("2026-03-01T12:30", "America/New_York", datetime(2026, 3, 1, 17, 30, tzinfo=UTC)),
        ("2026-03-01 12:30:15", "UTC", datetime(2026, 3, 1, 12, 30, 15, tzinfo=UTC)),
        ("2026-03-01T12:00+01:00", "America/New_York", datetime(2026, 3, 1, 11, tzinfo=UTC)),
        ("2026-03-01T12:00Z", "Europe/Berlin", datetime(2026, 3, 1, 12, tzinfo=UTC)),
    ],
)
def test_an_as_of_is_an_instant(text: str, timezone: str, expected: datetime) -> None:
    assert parse_as_of(text, timezone) == expected


@pytest.mark.parametrize("text", ["soon", "", "2026-13-01", "01.03.2026", "2026-03-01T25:00"])
def test_another_text_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match=r"expected a date or time such as 2026-03-01.*got '"):
        parse_as_of(text, "UTC")


def test_a_day_is_a_day() -> None:
    assert parse_date("2026-02-28") == date(2026, 2, 28)
    for text in ("2026-02-29", "yesterday", "2026-02-28T00:00"):
        with pytest.raises(ValueError, match="expected a date such as 2026-03-01"):
            parse_date(text)


def test_a_day_begins_at_midnight_where_the_product_is() -> None:
    """Also on the days on which clocks are changed, and where midnight itself is skipped."""
    assert midnight(date(2026, 3, 29), "Europe/Berlin") == datetime(2026, 3, 28, 23, tzinfo=UTC)
    assert midnight(date(2026, 3, 30), "Europe/Berlin") == datetime(2026, 3, 29, 22, tzinfo=UTC)
    assert midnight(date(2026, 9, 6), "America/Santiago") == datetime(2026, 9, 6, 4, tzinfo=UTC)
