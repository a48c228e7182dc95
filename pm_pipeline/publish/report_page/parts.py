"""The shapes that the page's template draws: cards, pictures, tables, definitions.

Belongs here: data classes of ready text and charts. Does not belong here: how they come about or
how they look.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from pm_pipeline.publish.report_page.charts import Chart
from pm_pipeline.publish.report_page.figures import Figures


@dataclass(frozen=True)
class Column:
    """A column of a table; numbers stand to the right."""

    label: str
    is_number: bool = False


@dataclass(frozen=True)
class Table:
    """Ready text in rows; ``states`` holds a word for each row that needs a mark, else ''."""

    caption: str
    columns: list[Column]
    rows: list[list[str]]
    states: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Card:
    """One figure of the last complete week beside the week before."""

    label: str
    value: str
    change: str
    direction: str
    spark: str
    """The points of a line through the last weeks, in a box of 100 by 28; '' without a line."""
    meaning: str


@dataclass(frozen=True)
class Picture:
    """A question, its answer in words, the chart, and the same figures as a table."""

    key: str
    title: str
    answer: str
    chart: Chart
    table: Table | None = None
    notes: list[str] = field(default_factory=list)
    definitions: list[tuple[str, str]] = field(default_factory=list)
    page: str = ""
    """The key of the page that tells more, '' without one."""
    page_name: str = ""
    """What that page is about."""


@dataclass(frozen=True)
class Section:
    """Pictures under one heading; ``tiles`` are pictures that share a row.

    ``shown_table`` and ``shown_tables`` stand open on the page, ``table`` is one click away.
    """

    key: str
    title: str
    lead: str = ""
    pictures: list[Picture] = field(default_factory=list)
    tiles: list[Picture] = field(default_factory=list)
    table: Table | None = None
    notes: list[str] = field(default_factory=list)
    definitions: list[tuple[str, str]] = field(default_factory=list)
    shown_table: Table | None = None
    shown_tables: list[Table] = field(default_factory=list)
    pages: list[tuple[str, str]] = field(default_factory=list)
    """Names and keys of pages that no picture of the section leads to."""


@dataclass(frozen=True)
class View:
    """A page of its own inside of the file, reached by ``#key``."""

    key: str
    title: str
    sections: list[Section] = field(default_factory=list)


def numbers(*labels: str) -> list[Column]:
    """Return columns of numbers."""
    return [Column(label, is_number=True) for label in labels]


def definitions(figures: Figures, table: str, columns: Sequence[str]) -> list[tuple[str, str]]:
    """Return what a table and some of its columns mean, in the words of the warehouse."""
    wanted = [(table, None), *[(table, column) for column in columns]]
    return [
        (f"{table}.{column}" if column else table, figures.comments[(table, column)])
        for table, column in wanted
        if (table, column) in figures.comments
    ]


def spark(values: Sequence[float | None]) -> str:
    """Return the points of a small line through the values, '' when there are fewer than three.

    The box is 100 wide and 28 high and its lower edge is zero, so that a steady figure looks
    steady.
    """
    known = [(place, value) for place, value in enumerate(values) if value is not None]
    if len(known) < 3:
        return ""
    top = max(value for _, value in known) or 1
    step = 100 / max(len(values) - 1, 1)
    return " ".join(f"{place * step:.1f},{26 - 24 * value / top:.1f}" for place, value in known)
