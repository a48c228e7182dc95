"""The report: what was published, as one page of pictures that works without a network.

Belongs here: reading a finished database and putting the page in its place as a whole. Does not
belong here: computing a metric, or how the page looks (``report_page/``).
"""

from __future__ import annotations

import os
from pathlib import Path

from pm_pipeline.publish.report_page.figures import read_figures


def write_report(
    database: Path,
    target: Path,
    *,
    product_name: str,
    vision: str | None = None,
    timezone: str = "UTC",
    week_starts_on: str | None = None,
    cache: Path | None = None,
) -> None:
    """Write the report of a published (or about to be published) database to ``target``.

    ``timezone`` is the product's, for the instants in the page's head; ``week_starts_on`` is a
    weekday that the page names. ``cache`` is a folder that keeps the drawing library between runs
    (making it takes two seconds). A reader of ``target`` sees the old page or the new one.
    Raises ``duckdb.Error`` when a published table is missing.
    """
    # The drawing library is a dear import that no other part of a run needs.
    from pm_pipeline.publish.report_page.page import Heading, render_page

    figures = read_figures(database)
    page = render_page(figures, Heading(product_name, vision, timezone, week_starts_on), cache)
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(f"{target.name}.{os.getpid()}.part")
    try:
        unfinished.write_bytes(page.encode("utf-8"))
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
