"""Figures as words, and colours that can be read."""

from __future__ import annotations

import ast
import re
from datetime import date, datetime
from pathlib import Path

import pytest

from pm_pipeline.analysis.lifecycle import stages
from pm_pipeline.publish import report_page
from pm_pipeline.publish.report_page import words
from pm_pipeline.publish.report_page.escaping import json_in_script, safe_in_script
from pm_pipeline.publish.report_page.parts import spark
from pm_pipeline.publish.report_page.story_words import REASONS, stage_reason

STYLE = (Path(report_page.__file__).parent / "template" / "page.css").read_text(encoding="utf-8")
TEXT_CONTRAST, GRAPHIC_CONTRAST = 4.5, 3.0


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [
        (120, 100, "+20 (+20.0\u202f%)"),
        (1_080, 1_200, "\u2212120 (\u221210.0\u202f%)"),
        (5, 0, "+5"),
        (0, 0, "no change"),
        (7, None, "no figure to compare with"),
    ],
)
def test_difference(now: int, before: int | None, expected: str) -> None:
    assert words.difference(now, before) == expected


def test_points_are_not_percent() -> None:
    assert words.points(0.25, 0.2) == "+5.0 points"
    assert words.points(0.2, 0.2004) == "no change"


def test_spans_name_month_and_year_once() -> None:
    assert words.span(date(2026, 8, 3), date(2026, 8, 9)) == "3 to 9 Aug 2026"
    assert words.span(date(2026, 7, 27), date(2026, 8, 2)) == "27 Jul to 2 Aug 2026"
    assert words.span(date(2025, 12, 29), date(2026, 1, 4)) == "29 Dec 2025 to 4 Jan 2026"


def test_instants_are_of_the_product_zone() -> None:
    summer = datetime(2026, 7, 1, 23, 30)
    assert words.instant(summer, "Europe/Berlin") == "2 Jul 2026, 01:30 (Europe/Berlin)"
    assert words.instant(None, "UTC") == words.ABSENT


def test_spark_starts_at_zero_and_needs_a_course() -> None:
    assert spark([5, 10]) == ""
    assert spark([0, 5, 10]) == "0.0,26.0 50.0,14.0 100.0,2.0"
    assert spark([0, 0, 0]) == "0.0,26.0 50.0,26.0 100.0,26.0"


def test_json_and_scripts_cannot_end_their_element() -> None:
    text = json_in_script({"</script>": "<!-- & \u2028"})
    assert text == '{"\\u003c/script\\u003e":"\\u003c!-- \\u0026 \\u2028"}'
    assert "</script" not in safe_in_script("'</script>'; /<!--/")
    with pytest.raises(ValueError, match="JSON"):
        json_in_script(float("nan"))


def _palettes() -> dict[str, dict[str, str]]:
    light, dark = re.findall(r":root \{(.*?)\}", STYLE, flags=re.DOTALL)
    colours = re.compile(r"--([\w-]+): (#[0-9a-f]{6});")
    return {"light": dict(colours.findall(light)), "dark": dict(colours.findall(dark))}


def _luminance(colour: str) -> float:
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    lighter, darker = sorted([_luminance(one), _luminance(other)], reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_contrast(theme: str) -> None:
    palette = _palettes()[theme]
    texts = ["ink", "ink-soft", "accent", "good", "look", "bad"]
    graphics = [n for n in palette if n.startswith("series-")]
    graphics += ["retained", "resurrected", "new", "churned"]
    assert len(graphics) == 10
    for ground in ("page", "surface"):
        for name in texts:
            assert _contrast(palette[name], palette[ground]) >= TEXT_CONTRAST, name
        for name in graphics:
            assert _contrast(palette[name], palette[ground]) >= GRAPHIC_CONTRAST, name


def test_every_reason_of_a_stage_has_words() -> None:
    """Whatever the stages give as a reason: their constants in one word with underscores."""
    tree = ast.parse(Path(stages.__file__).read_text(encoding="utf-8"))
    constants = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    words_only = re.compile(r"[a-z]+(_[a-z]+)+")
    reasons = {text for text in constants if isinstance(text, str) and words_only.fullmatch(text)}
    assert reasons - {stages.UNKNOWN} == set(REASONS)
    assert stage_reason("fewer_than_13_weeks") == "fewer than 13 weeks"
