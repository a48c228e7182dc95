"""Looks of a group-sequential experiment: on which day, at which share of the units."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from pm_pipeline.analysis.experiments import Reached, reached_looks

START = date(2026, 1, 5)
PLANNED = (0.25, 0.5, 1.0)


def at(*closed: int, has_ended: bool = False) -> Reached | None:
    """Read an experiment of 1,000 planned units with so many closed at each day's end."""
    by_day = {START + timedelta(days=number): units for number, units in enumerate(closed)}
    return reached_looks(PLANNED, 1_000, by_day, has_ended=has_ended)


@pytest.mark.parametrize(
    ("closed", "fractions", "day", "is_last"),
    [
        ((100, 250), (0.25,), 1, False),
        ((100, 251, 499), (0.251,), 1, False),
        ((100, 251, 520, 980), (0.251, 0.52), 2, False),
        ((100, 600, 700), (0.6,), 1, False),
        ((260, 510, 1_040, 1_100), (0.26, 0.51, 1.04), 2, True),
        ((1_200,), (1.2,), 0, True),
    ],
)
def test_a_look_comes_with_its_units(
    closed: tuple[int, ...], fractions: tuple[float, ...], day: int, is_last: bool
) -> None:
    found = at(*closed)
    assert found is not None
    assert found.looks.fractions == pytest.approx(fractions)
    assert found.cut_at == START + timedelta(days=day)
    assert found.looks.is_last == is_last


def test_before_the_first_look() -> None:
    assert at() is None
    assert at(0, 249) is None
    assert at(0, 0, has_ended=True) is None


def test_the_end_is_the_last_look_even_with_too_few_units() -> None:
    short = at(100, 300, 480, 480, has_ended=True)
    assert short is not None
    assert short.looks.fractions == pytest.approx((0.3, 0.48))
    assert short.looks.is_last
    assert short.cut_at == START + timedelta(days=2)
    at_a_look = at(100, 300, 300, has_ended=True)
    assert at_a_look is not None
    assert at_a_look.looks.fractions == pytest.approx((0.3,))
    assert at_a_look.looks.is_last
