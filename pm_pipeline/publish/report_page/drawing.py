"""What the page draws with: the specifications, and Vega, Vega-Lite and Vega-Embed as one script.

Belongs here: making both, and keeping them, since they take seconds and change only with a version.
Does not belong here: what is drawn. Altair is imported only when something must be made.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pm_pipeline.publish.report_page.escaping import safe_in_script

SPECS_SOURCES = [
    Path(__file__).with_name(name)
    for name in ("specs.py", "spec_parts.py", "story_specs.py", "experiment_specs.py")
]


@dataclass(frozen=True)
class Drawing:
    """``specs`` by kind of chart; ``library`` is safe inside ``<script>`` and loads nothing."""

    specs: dict[str, Any]
    library: str


def drawing(cache: Path | None = None) -> Drawing:
    """Return specifications and library.

    ``cache`` is a folder that keeps them between runs; it may be emptied at any time.
    """
    made_from = hashlib.sha256(b"".join(source.read_bytes() for source in SPECS_SOURCES))
    made_from.update(f"{version('altair')} {version('vl-convert-python')}".encode())
    key = made_from.hexdigest()[:16]
    specs = _kept(cache, f"specs-{key}.json", _make_specs)
    return Drawing(json.loads(specs), _kept(cache, f"library-{key}.js", _make_library))


def _make_specs() -> str:
    from pm_pipeline.publish.report_page.specs import make_specs

    return json.dumps(make_specs())


def _make_library() -> str:
    import vl_convert

    from pm_pipeline.publish.report_page.spec_parts import GRAMMAR_VERSION

    exports = "window.vegaEmbed = vegaEmbed;"
    return safe_in_script(vl_convert.javascript_bundle(exports, vl_version=GRAMMAR_VERSION))


def _kept(cache: Path | None, name: str, make: Callable[[], str]) -> str:
    if cache is None:
        return make()
    kept = cache / name
    if kept.exists():
        return kept.read_text(encoding="utf-8")
    text = make()
    cache.mkdir(parents=True, exist_ok=True)
    unfinished = kept.with_name(f"{name}.{os.getpid()}.part")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(kept)
    return text
