"""The report in a real browser: it draws, stays silent, asks no network, fits a phone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize

from pm_pipeline.analysis.experiments.evaluation import evaluate
from pm_pipeline.analysis.experiments.result_tables import (
    DECISIONS,
    HEALTH,
    RESULTS,
    TIMELINE,
    decision_rows,
    health_rows,
    result_rows,
    timeline_rows,
)
from pm_pipeline.publish.report import write_report
from tests.fixtures.browser import open_browser
from tests.fixtures.counted_experiments import Made
from tests.fixtures.report_warehouse import make_empty_warehouse, make_warehouse

DESKTOP, PHONE = 1280, 390
A4 = ViewportSize(width=794, height=1123)
# goals, days, active, growth, people's stages, funnels, retention, stages, features, events,
# segments, arrivals, a survey
EXPECTED_CHARTS = 1 + 1 + 1 + 2 + 2 + 1 + 1 + 2 + 1 + 4 + 1 + 2 + 1
FEATURE_CHARTS = 3  # people, adoption, growth

MARKS = """
() => [...document.querySelectorAll('.view.shown [data-chart]')].map((place) => {
  const picture = place.querySelector('svg');
  const box = picture ? picture.getBoundingClientRect() : { width: 0, height: 0 };
  const marks = picture ? picture.querySelectorAll(
    '.mark-line path, .mark-area path, .mark-rect path, .mark-symbol path, .mark-rule line') : [];
  const seen = [...marks].filter((mark) => {
    const { width, height } = mark.getBoundingClientRect();
    return width + height > 0 && (mark.getAttribute('d') || 'a line').length > 4;
  });
  return {
    key: place.dataset.chart,
    width: box.width, height: box.height, marks: seen.length,
    label: picture ? picture.getAttribute('aria-label') : null,
  };
})
"""


IN_SIGHT = """(wanted) => {
  const link = document.querySelector(wanted);
  const { left, top, width, height } = link.getBoundingClientRect();
  return link.contains(document.elementFromPoint(left + width / 2, top + height / 2));
}"""


@dataclass
class Visit:
    """An open page and what it did: requests, and everything it said on the console."""

    page: Page
    requests: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as running:
        yield running


def write_experiment(database: Path) -> None:
    """Put an experiment into the warehouse, as the analysis writes it."""
    made = Made()
    clock = made.clock()
    evaluated = [evaluate(made.planned(), made.cells(clock), clock)]
    with duckdb.connect(str(database)) as connection:
        RESULTS.write(connection, result_rows(evaluated))
        HEALTH.write(connection, health_rows(evaluated))
        TIMELINE.write(connection, timeline_rows(evaluated))
        DECISIONS.write(connection, decision_rows(evaluated, clock))


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("reports")
    databases = {
        "full": make_warehouse(folder / "full.duckdb"),
        "empty": make_empty_warehouse(folder / "empty.duckdb"),
        "tried": make_warehouse(folder / "tried.duckdb"),
    }
    write_experiment(databases["tried"])
    pages = {name: folder / name / "index.html" for name in databases}
    for name, database in databases.items():
        write_report(
            database,
            pages[name],
            product_name="Songs <b>for</b> everybody",
            vision="Everybody finds a song.",
            cache=tmp_path_factory.getbasetemp() / "report-drawing",
        )
    return pages


@pytest.fixture
def context(browser: Browser, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    wanted = {"viewport": {"width": DESKTOP, "height": 900}, **getattr(request, "param", {})}
    opened = browser.new_context(**wanted)
    opened.set_default_timeout(20_000)
    yield opened
    opened.close()


def _visit(context: BrowserContext, report: Path) -> Visit:
    visit = Visit(context.new_page())
    visit.page.on("request", lambda request: visit.requests.append(request.url))
    visit.page.on("console", lambda message: visit.said.append(f"{message.type}: {message.text}"))
    visit.page.on("pageerror", lambda problem: visit.said.append(f"error: {problem}"))
    visit.page.goto(report.as_uri())
    visit.page.wait_for_function("document.documentElement.dataset.charts")
    return visit


LOOKS = [
    {"viewport": {"width": width, "height": 900}, "color_scheme": scheme}
    for width, scheme in ((DESKTOP, "light"), (DESKTOP, "dark"), (PHONE, "light"))
]


@pytest.mark.parametrize("context", LOOKS, indirect=True, ids=["desktop", "desktop-dark", "phone"])
def test_every_chart_draws_without_a_word_or_a_request(
    context: BrowserContext, reports: dict[str, Path]
) -> None:
    visit = _visit(context, reports["full"])
    page = visit.page
    assert page.title() == "Songs <b>for</b> everybody: product report"
    assert page.locator("h1").inner_text() == "Songs <b>for</b> everybody"
    charts = page.evaluate(MARKS)
    assert len(charts) == EXPECTED_CHARTS
    for chart in charts:
        assert chart["width"] > 200, chart
        assert chart["height"] > 90, chart
        assert chart["marks"] > 0, chart
        assert chart["label"], chart
    assert page.evaluate("document.documentElement.dataset.charts") == "drawn"
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert visit.said == []
    assert visit.requests == [reports["full"].as_uri()]
    assert page.evaluate("window.hacked") is None


@pytest.mark.parametrize("context", LOOKS, indirect=True, ids=["desktop", "desktop-dark", "phone"])
def test_every_feature_has_a_page_of_its_own(
    context: BrowserContext, reports: dict[str, Path]
) -> None:
    visit = _visit(context, reports["full"])
    page = visit.page
    page.locator('a[href="#feature-page-1"]').focus()
    page.keyboard.press("Enter")
    page.locator("#feature-page-1").wait_for()
    page.wait_for_function("document.documentElement.dataset.charts")
    flip = "start it anew, if an experiment on it were validated"
    assert page.locator(".note", has_text=flip).is_visible()
    assert page.evaluate(IN_SIGHT, ".view.shown .back a"), "the bar covers the way back"
    charts = page.evaluate(MARKS)
    assert len(charts) == FEATURE_CHARTS
    for chart in charts:
        assert chart["width"] > 200, chart
        assert chart["marks"] > 0, chart
    assert not page.locator("#last-week").is_visible()
    assert page.title().endswith("Songs <b>for</b> everybody: product report")
    assert page.locator("h2", has_text="Keep, kill or reboot? Take it out").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.locator(".view.shown a", has_text="Back to the whole").click()
    page.locator("#last-week").wait_for()
    page.locator('nav a[href="#retention"]').click()
    assert page.locator("#retention-0").is_visible()
    assert visit.said == []
    assert visit.requests == [reports["full"].as_uri()]
    assert page.evaluate("window.hacked") is None


SERIOUS = {"serious", "critical"}
VIEWS = "[...document.querySelectorAll('.view')].map((view) => view.id)"


def _findings(page: Page, options: dict[str, object] | None = None) -> list[str]:
    """Return what axe finds serious on what is shown, with the first place of each."""
    found = Axe().run(page, options=options or {"resultTypes": ["violations"]})
    return [
        f"{one['id']} ({len(one['nodes'])}): {one['nodes'][0]['html'][:200]}"
        for one in found.response["violations"]
        if one["impact"] in SERIOUS
    ]


@pytest.mark.parametrize("context", [LOOKS[2]], indirect=True, ids=["phone"])
def test_axe_finds_nothing_serious_on_any_page(
    context: BrowserContext, reports: dict[str, Path]
) -> None:
    page = _visit(context, reports["tried"]).page
    views = page.evaluate(VIEWS)
    # One feature's page has all kinds of sections; the others are of the same making.
    shown = [view for view in views if not view.startswith("feature-page-") or view.endswith("-1")]
    assert {view.split("-")[0] for view in shown} == {"overview", "experiment", "feature"}
    for view in shown:
        page.evaluate(f"location.hash = '#{view}'")
        page.locator(f"#{view}").wait_for()
        # The tables and definitions of one picture: all of them are of the same making.
        page.evaluate(
            f"document.querySelectorAll('#{view} .more')[0]"
            "?.querySelectorAll('details').forEach((each) => each.open = true)"
        )
        assert _findings(page) == [], view


@pytest.mark.parametrize("context", [LOOKS[1]], indirect=True, ids=["desktop-dark"])
def test_axe_reads_every_word_in_the_dark(
    context: BrowserContext, reports: dict[str, Path]
) -> None:
    page = _visit(context, reports["full"]).page
    assert _findings(page, {"runOnly": ["color-contrast"]}) == []


def test_axe_would_find_a_fault(context: BrowserContext, reports: dict[str, Path]) -> None:
    page = _visit(context, reports["empty"]).page
    assert _findings(page) == []
    page.evaluate("document.documentElement.removeAttribute('lang')")
    page.evaluate("document.querySelector('h1').style.color = '#eee'")
    assert {each.partition(" ")[0] for each in _findings(page)} == {
        "html-has-lang", "color-contrast"
    }  # fmt: skip


def test_dark_light_and_print_share_one_drawing(
    context: BrowserContext, reports: dict[str, Path]
) -> None:
    page = _visit(context, reports["full"]).page
    colours = """() => [
      getComputedStyle(document.body).backgroundColor,
      getComputedStyle(document.querySelector('#growth-week .mark-rect path')).fill,
    ]"""
    light = page.evaluate(colours)
    page.emulate_media(color_scheme="dark")
    dark = page.evaluate(colours)
    page.emulate_media(color_scheme="dark", media="print")
    printed = page.evaluate(colours)
    assert light[0] == "rgb(246, 247, 249)"
    assert all(one != other for one, other in zip(light, dark, strict=True))
    assert printed == light
    assert not page.locator(".bar").is_visible()
    page.set_viewport_size(A4)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_range_and_definitions_work_by_keyboard(
    context: BrowserContext, reports: dict[str, Path]
) -> None:
    page = _visit(context, reports["full"]).page
    # The zero rule is no rect; one rect path a bar.
    bars = "document.querySelectorAll('#growth-week .mark-rect path').length"
    chosen = page.evaluate(bars)
    page.locator('input[name="range"]:checked').focus()
    page.keyboard.press("ArrowLeft")
    page.wait_for_function(f"{bars} < {chosen}")
    fewer = page.evaluate(bars)
    assert chosen - fewer == 13 * 4
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    page.wait_for_function(f"{bars} > {chosen}")
    assert page.evaluate(bars) == 59 * 4 - 1  # the running week shows no churn
    summary = page.locator("#growth-week summary", has_text="How it is counted")
    summary.focus()
    page.keyboard.press("Enter")
    assert page.locator("#growth-week dd", has_text="Active in the period before").is_visible()


def test_the_pointer_shows_the_figures_of_its_day_as_text(
    context: BrowserContext, reports: dict[str, Path]
) -> None:
    page = _visit(context, reports["full"]).page
    tooltip = page.locator(".vg-tooltip.visible")
    page.locator("#active-users .chart svg").hover(position={"x": 600, "y": 150})
    tooltip.wait_for()
    for word in ("When", "2025", "28 days", "7 days", "One day"):
        assert word in tooltip.inner_text()
    bar = page.locator("#top-events .mark-rect path").first
    bar.hover()
    page.wait_for_function(
        "(document.querySelector('.vg-tooltip.visible') || {innerText: ''})"
        ".innerText.includes('window.hacked=1</script>')"
    )
    assert page.evaluate("window.hacked") is None


@pytest.mark.parametrize(
    "context",
    [{"timezone_id": "America/Los_Angeles"}],
    indirect=True,
)
def test_days_are_the_product_s_in_every_browser(
    context: BrowserContext, reports: dict[str, Path]
) -> None:
    page = _visit(context, reports["full"]).page
    labels = page.evaluate(
        "[...document.querySelectorAll('#growth-month .role-axis-label text')]"
        ".map((label) => label.textContent)"
    )
    assert [word for word in labels if word.isalpha() or (len(word) == 4 and word.isdigit())]
    assert {"2025", "2026"} <= set(labels)
    assert not [word for word in labels if ":" in word or "Dec 31" in word]


@pytest.mark.parametrize("context", [LOOKS[0], LOOKS[2]], indirect=True, ids=["desktop", "phone"])
def test_an_empty_warehouse_has_a_quiet_page(
    context: BrowserContext, reports: dict[str, Path]
) -> None:
    visit = _visit(context, reports["empty"])
    assert visit.page.locator("h2", has_text="No events yet").is_visible()
    assert visit.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert visit.said == []
    assert visit.requests == [reports["empty"].as_uri()]
