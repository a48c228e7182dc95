"""Pictures as markdown that the catalog renders: SVG in a data address, which asks no network.

The catalog shows markdown shorter than 1,000 characters in its row and longer one in a dialog.
Belongs here: drawing. Does not belong here: what is drawn.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

SPECIFICATIONS = Path(__file__).with_name("specs")
INLINE_CHARACTERS = 1_000
WIDTH, HEIGHT, MARGIN = 180, 36, 2
POINTS = 56


def small_picture(name: str, values: Sequence[float | None]) -> str:
    """Return the course of the last values as a line, shorter than ``INLINE_CHARACTERS``.

    Where there is no value the line is broken; there must be one at least.
    """
    shown = values[-POINTS:]
    known = [float(value) for value in shown if value is not None]
    low, high = min(known), max(known)
    across, up = (WIDTH - 2 * MARGIN) / max(len(shown) - 1, 1), HEIGHT - 2 * MARGIN
    course, command = "", "M"
    for place, value in enumerate(shown):
        if value is None:
            command = "M"
            continue
        height = MARGIN + up * (1 - (value - low) / (high - low or 1))
        course += f"{command}{MARGIN + place * across:.0f},{height:.0f}"
        # A value between two gaps is a dot: a line of no length with round ends.
        course, command = course + ("h0" if command == "M" else ""), "L"
    drawn = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}">'
        f'<path fill="none" stroke="#4c78a8" stroke-linecap="round" d="{course}"/></svg>'
    )
    words = f"{name}: from {known[0]:.4g} to {known[-1]:.4g}, between {low:.4g} and {high:.4g}"
    return _markdown(words, drawn)


def large_picture(shape: str, question: str, rows: Sequence[dict[str, Any]]) -> str:
    """Return a chart of ``rows``, whose fields the specification ``shape`` names."""
    import vl_convert

    specification = json.loads((SPECIFICATIONS / f"{shape}.vl.json").read_text(encoding="utf-8"))
    version = specification["$schema"].rpartition("/v")[2].removesuffix(".json")
    values = json.loads(json.dumps(list(rows), default=str))
    specification |= {"title": question, "data": {"values": values}}
    drawn = vl_convert.vegalite_to_svg(specification, vl_version=version, allowed_base_urls=[])
    return _markdown(question, drawn)


def _markdown(words: str, drawn: str) -> str:
    safe = "".join(letter for letter in words if letter not in "[]\\`<>\n")
    return f"![{safe}](data:image/svg+xml;base64,{base64.b64encode(drawn.encode()).decode()})"
