"""The pictures of ``docs/for-product-managers.md``, taken from the report of a demo.

Belongs here: which parts of which page are shown. Does not belong here: how the report looks.
Run ``make pictures HOME_FOLDER=...`` on a home with a published demo; it needs a browser.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.fixtures.browser import FLAGS, require_browser

FOLDER = Path(__file__).parents[1] / "docs" / "pictures"
WIDTH, HEIGHT, LOWEST = 900, 1000, 880
SHOTS = {
    "goals": ("overview", "#goals-title", "#goals .picture"),
    "metric-tree": ("overview", "#metric-tree", "#metric-tree"),
    "retention": ("overview", "#retention-0", "#retention-0"),
    "life-cycle": ("overview", "#stages-growth", "#stages-growth"),
    "experiment": (
        "experiment-short_onboarding",
        ".view.shown section",
        ".view.shown section .picture",
    ),
    "people-by-stage": ("overview", "#people-stages", "#user-stages .panel"),
    "feature": ("downloads", ".view.shown section", ".view.shown section .picture"),
    "advice": (
        "downloads",
        ".view.shown section:nth-of-type(2)",
        ".view.shown section:nth-of-type(2)",
    ),
}
"""By file: the page by its key or its title, where the picture begins, and what it ends with."""


def take(page: Page, name: str) -> Path:
    """Write one picture, from the top of its first part to the bottom of its last."""
    wanted, first, last = SHOTS[name]
    view = page.evaluate(
        "(wanted) => (document.querySelector(`.view[data-title='${wanted}']`) || {id: wanted}).id",
        wanted,
    )
    page.evaluate(f"location.hash = '#{view}'")
    page.locator(f"#{view}").wait_for()
    page.wait_for_function("document.documentElement.dataset.charts")
    page.wait_for_timeout(500)  # charts of a page are drawn as it opens
    box = page.evaluate(
        """([first, last]) => {
          const [top, end] = [first, last].map(
            (each) => document.querySelector(each).getBoundingClientRect());
          return {x: 0, y: top.top + window.scrollY,
                  width: window.innerWidth, height: end.bottom - top.top};
        }""",
        [first, last],
    )
    target = FOLDER / f"{name}.png"
    box["height"] = min(box["height"] + 8, LOWEST)
    page.screenshot(path=target, clip=box, full_page=True)
    return target


def main() -> None:
    """Take all pictures of a home's report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, default=Path("data"))
    report = parser.parse_args().home / "report" / "index.html"
    FOLDER.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(require_browser()), args=FLAGS)
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        page.goto(report.absolute().as_uri())
        for name in SHOTS:
            target = take(page, name)
            print(target.name, target.stat().st_size)
        browser.close()


if __name__ == "__main__":
    main()
