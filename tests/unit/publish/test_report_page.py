"""The report as a file: the right figures, nothing that breaks out, nothing that loads."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
import sys
from datetime import date, datetime
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import duckdb
import pytest

from pm_pipeline.publish.report import write_report
from pm_pipeline.publish.report_page.intervals import wilson
from tests.fixtures.report_warehouse import (
    HOSTILE_NAMES,
    LAST_WEEK,
    make_empty_warehouse,
    make_warehouse,
)

FIVE_MEGABYTES = 5_000_000
LOADING_ATTRIBUTES = ("src", "href", "srcset", "action", "data", "poster")


class Page(HTMLParser):
    """The elements, texts and inline scripts of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.scripts: list[tuple[dict[str, str | None], str]] = []
        self._open: dict[str, str | None] | None = None
        self._is_style = False
        self.source = text
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._open = dict(attrs) if tag == "script" else None
        self._is_style = tag == "style"

    def handle_endtag(self, tag: str) -> None:
        self._open, self._is_style = None, False

    def handle_data(self, data: str) -> None:
        if self._open is not None:
            self.scripts.append((self._open, data))
        elif data.strip() and not self._is_style:
            self.texts.append(data)

    @property
    def words(self) -> str:
        return " ".join(" ".join(self.texts).split())

    @property
    def data(self) -> dict[str, dict[str, dict[str, list]]]:
        return json.loads(next(text for attrs, text in self.scripts if "id" in attrs))


@pytest.fixture(scope="module")
def drawing_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.getbasetemp() / "report-drawing"  # shared with the browser test


def _write(database: Path, cache: Path, **headings: str) -> Page:
    target = database.with_name("report") / "index.html"
    write_report(
        database,
        target,
        **{"product_name": "Songs", "cache": cache, **headings},  # type: ignore[arg-type]
    )
    assert [path.name for path in target.parent.iterdir()] == ["index.html"]
    return Page(target.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory, drawing_cache: Path) -> Page:
    database = make_warehouse(tmp_path_factory.mktemp("warehouse") / "product.duckdb.next")
    return _write(
        database,
        drawing_cache,
        product_name=HOSTILE_NAMES[0],
        vision=HOSTILE_NAMES[1],
        timezone="Europe/Berlin",
        week_starts_on="monday",
    )


def test_head_says_what_is_shown(page: Page) -> None:
    for text in (
        HOSTILE_NAMES[0],
        HOSTILE_NAMES[1],
        "18 Feb 2026, 13:00 (Europe/Berlin)",
        "run-last",
        "405,000",
        "weeks start on Monday",
    ):
        assert text in page.words


def test_last_week_is_the_last_complete_one(page: Page) -> None:
    # The 58th week: n = 57 in the warehouse's formulas, the running one n = 58.
    assert "The week of 9 to 15 Feb 2026 Beside it the week of 2 to 8 Feb 2026." in page.words
    assert "The week that ends on Sun 22 Feb 2026 is not over" in page.words
    assert "Active people 387 ▲ +1 (+0.3 %)" in page.words
    assert "New people 41 ▲ +1 (+2.5 %)" in page.words
    assert "Churned 57 ▲ +1 (+1.8 %)" in page.words
    events = sum(1000 + n for n in range(57 * 7, 58 * 7))
    assert f"Events {events:,}" in page.words


def test_running_periods_are_never_shown_as_loss(page: Page) -> None:
    charts = page.data["charts"]
    week = charts["growth-week"]
    over, churned = week["fields"].index("over"), week["fields"].index("Churned")
    assert [row[over] for row in week["rows"][-2:]] == ["over", "not over yet"]
    assert week["rows"][-2][churned] == 57
    assert week["rows"][-1][churned] is None
    assert charts["growth-month"]["rows"][-1][churned] is None
    assert "Paler: the week of 16 to 22 Feb 2026 is not over." in page.words
    # Today would look like a fall: the lines end with the last complete day.
    assert charts["active-users"]["rows"][-1][1] == "Tue 17 Feb 2026"
    assert "Wed 18 Feb 2026 is not over and is left out." in page.words


def test_charts_hold_the_published_figures(page: Page) -> None:
    charts = page.data["charts"]
    fields, rows = charts["top-events"]["fields"], charts["top-events"]["rows"]
    assert fields == ["place", "event", "Times", "The week before"]
    assert rows[0][1:] == [
        HOSTILE_NAMES[0],
        sum(1000 + n for n in range(57 * 7, 58 * 7)),
        sum(1000 + n for n in range(56 * 7, 57 * 7)),
    ]
    assert [row[1] for row in rows] == HOSTILE_NAMES
    kinds = {chart["kind"] for chart in charts.values()}
    assert kinds == set(page.data["specs"])
    assert len(charts["segment-1"]["rows"]) == 6 * 58
    assert "3 smaller values are not shown." in page.words


def test_hostile_names_stay_text(page: Page) -> None:
    tags = [tag for tag, _ in page.tags]
    assert tags.count("script") == 3
    assert not {"img", "b", "i", "iframe", "object", "embed"} & set(tags)
    assert [attrs["href"] for tag, attrs in page.tags if tag == "link"] == ["data:,"]
    assert not [name for _, attrs in page.tags for name in attrs if name.startswith("on")]
    for name in HOSTILE_NAMES:
        assert " ".join(name.split()) in page.words
    assert "</" not in next(text for attrs, text in page.scripts if "id" in attrs)
    assert "secret raw text" not in page.source


def test_nothing_is_loaded_and_only_the_own_scripts_may_run(page: Page) -> None:
    assert len(page.source.encode("utf-8")) < FIVE_MEGABYTES
    for _, attrs in page.tags:
        for name in LOADING_ATTRIBUTES:
            assert re.match(r"#|data:,", attrs.get(name) or "#"), (name, attrs)
    policy = next(attrs["content"] for tag, attrs in page.tags if "http-equiv" in attrs)
    assert policy is not None
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe-eval" not in policy
    executed = [text for attrs, text in page.scripts if "type" not in attrs]
    hashes = [base64.b64encode(hashlib.sha256(s.encode()).digest()).decode() for s in executed]
    assert re.findall(r"'sha256-([^']+)'", policy.split("style-src")[0]) == hashes


def test_trust_shows_the_last_run_and_where_to_look(page: Page) -> None:
    assert "Of 2 checks of the last run, 1 asked for a look." in page.words
    assert "volume_against_weekday_run-last" in page.words
    assert "run-before" not in page.words.split("The last publications")[0]
    assert "Rejected 90 (1.0 %)" in page.words
    assert "3 late events, identity run-last" in page.words
    assert "day/__proto__.csv:12" in page.words


def test_definitions_are_the_comments_of_the_warehouse(page: Page) -> None:
    assert "engagement.active_users Active people per product day <rolling>." in page.words
    assert "growth.accounting.churned_users Active in the period before, not in this." in page.words


def test_headings_descend_without_gaps_and_ids_are_unique(page: Page) -> None:
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    targets = [attrs["href"] for tag, attrs in page.tags if tag == "a"]
    assert all(target and target[1:] in ids for target in targets)


def test_a_warehouse_without_events_says_so(tmp_path: Path, drawing_cache: Path) -> None:
    page = _write(make_empty_warehouse(tmp_path / "empty.duckdb"), drawing_cache)
    assert "No events yet" in page.words
    assert "No file has been read." in page.words
    assert page.data["charts"] == {}
    assert "None" not in page.words


@pytest.mark.parametrize(
    ("first_day", "as_of", "expected"),
    [
        (date(2026, 2, 17), datetime(2026, 2, 18, 12), "No week is complete yet"),
        (date(2026, 2, 18), datetime(2026, 2, 18, 12), "No day is complete yet"),
        (LAST_WEEK, datetime(2026, 2, 18, 12), "there is none before to compare with"),
        (date(2026, 2, 5), datetime(2026, 2, 18, 12), "holds only 4 days of data"),
    ],
)
def test_a_young_product_has_a_page(
    tmp_path: Path, drawing_cache: Path, first_day: date, as_of: datetime, expected: str
) -> None:
    database = make_warehouse(tmp_path / "young.duckdb", first_day=first_day, as_of=as_of)
    page = _write(database, drawing_cache)
    assert expected in page.words
    assert "None" not in page.words
    assert "nan" not in page.words.lower().split()


def test_a_failure_leaves_the_old_page(tmp_path: Path, drawing_cache: Path) -> None:
    target = tmp_path / "report" / "index.html"
    target.parent.mkdir()
    target.write_text("the page of before", encoding="utf-8")
    database = tmp_path / "other.duckdb"
    duckdb.connect(str(database)).close()
    with pytest.raises(duckdb.Error, match=r"accounting|active_users"):
        write_report(database, target, product_name="Songs", cache=drawing_cache)
    assert target.read_text(encoding="utf-8") == "the page of before"
    assert list(target.parent.iterdir()) == [target]


def test_kept_drawing_tools_spare_the_dear_imports(tmp_path: Path, drawing_cache: Path) -> None:
    database = make_warehouse(tmp_path / "product.duckdb")
    first = _write(database, drawing_cache)
    program = (
        "import sys; from pathlib import Path; from pm_pipeline.publish.report import write_report;"
        "write_report(Path(sys.argv[1]), Path(sys.argv[2]), product_name='Songs',"
        " cache=Path(sys.argv[3]));"
        "assert not {'altair', 'vl_convert', 'pandas'} & set(sys.modules)"
    )
    target = tmp_path / "again.html"
    subprocess.run(
        [sys.executable, "-c", program, str(database), str(target), str(drawing_cache)], check=True
    )
    assert target.read_text(encoding="utf-8") == first.source


def test_intervals_are_wilson_s() -> None:
    """Of 10 out of 10 at least 72 %, of 50 out of 100 between 40 and 60; nothing of nothing."""
    low, high = wilson(10, 10)
    assert (round(low or 0, 3), round(high or 0, 3)) == (0.722, 1.0)
    assert [round(end or 0, 3) for end in wilson(50, 100)] == [0.404, 0.596]
    assert wilson(0, 0) == (None, None)


def test_the_story_stands_on_the_page(page: Page) -> None:
    for text in (
        "North star: will reach get there?",
        "At risk: 705 of 900 wanted by 30 Jun 2026.",
        "At this pace 801 (702 to 899) by then, in four cases of five.",
        f"Yes, on Tue 17 Feb 2026: daily active users 250 instead of 503 (instrumentation: "
        f"{HOSTILE_NAMES[0]}).",
        "25.0 % 28.0 % 30.0 %",
        "it certainly falls",
        "What would turn it: start it anew, if an experiment on it were validated.",
        "40.0 % of 900 (36.8 % to 43.2 %).",
        "100 more may still finish and are left out.",
        "In week 4, 66.0 % of 900 came back",
        "The product is in maturity",
        f"Features in decline: {HOSTILE_NAMES[0]}. Advice: take it out",
        "Seconds +40 since a week before, +95 of it by people.",
        "the product of people and seconds each",
        "net promoter score \u221214.3 (\u221226.5 to \u22121.7) of 140 answers; "
        "the period before 3.1 (",
        "Keep it (the board): it is dear to us \N{EM DASH} against the advice",
        "untested for 91 days",
        "Old users leave yes \u22124.0 % (\u22126.0 % to \u22122.0 %); 400 people",
        "Beside it, deciding nothing: quick ratio 0.80, 12.0 % of its people are new, "
        "30.0 % of 600 new ones came back in week 4.",
        "At the end of the week of 9 to 15 Feb 2026: 100 new, 370 current, 7 resurrected, "
        "20 at risk. In that week 20 became dormant and 7 came back from it; "
        "940 are dormant in all.",
        "current 0 310 0 20 5 335",
        "Maturity: Watch stickiness",
        "Decline: Watch whether old users leave",
        "ship: we like it",
        "released 79 days ago, outcome not measured",
    ):
        assert text in page.words, text


def test_a_survey_is_drawn_over_the_periods_that_are_over(page: Page) -> None:
    chart = page.data["charts"]["survey-0"]
    assert chart["fields"][2:] == ["Score", "Low", "High", "Answers"]
    assert [row[2:] for row in chart["rows"]] == [
        [3.1, -12.4, 18.2, 99], [-14.3, -26.5, -1.7, 140],
    ]  # fmt: skip


def test_a_running_period_of_a_cohort_has_no_figure(page: Page) -> None:
    cells = page.data["charts"]["retention-0"]
    at = {field: place for place, field in enumerate(cells["fields"])}
    running = [row for row in cells["rows"] if row[at["over"]] != "over"]
    assert running
    assert all(row[at["Came back"]] is None and row[at["words"]] == "" for row in running)


def test_an_older_warehouse_has_the_sections_that_it_has_tables_for(
    tmp_path: Path, drawing_cache: Path
) -> None:
    database = make_warehouse(tmp_path / "product.duckdb.next")
    with duckdb.connect(str(database)) as connection:
        for schema in ("goals", "lifecycle", "funnels", "retention", "experiments"):
            connection.execute(f"drop schema {schema} cascade")
    older = _write(database, drawing_cache)
    assert "Active people" in older.words
    assert "North star" not in older.words
