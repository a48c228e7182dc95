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


def small_picture(name: str, values: Sequence[float]) -> str:
    """Return the course of the last values as a line, shorter than ``INLINE_CHARACTERS``."""
    shown = [float(value) for value in values[-POINTS:]]
    low, high = min(shown), max(shown)
    across, up = (WIDTH - 2 * MARGIN) / (len(shown) - 1), HEIGHT - 2 * MARGIN
    points = " ".join(
        f"{MARGIN + place * across:.0f},{MARGIN + up * (1 - (value - low) / (high - low or 1)):.0f}"
        for place, value in enumerate(shown)
    )
    drawn = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}">'
        f'<polyline fill="none" stroke="#4c78a8" points="{points}"/></svg>'
    )
    words = f"{name}: from {shown[0]:.4g} to {shown[-1]:.4g}, between {low:.4g} and {high:.4g}"
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
