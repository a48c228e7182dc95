"""The queries of docs/for-analysts.md are run: what is shown there must work as it stands."""

from __future__ import annotations

import re

import duckdb
import pytest

from pm_pipeline.home import Home
from tests.conftest import REPOSITORY

QUERIES = re.findall(
    r"^```sql\n(.*?)^```$",
    (REPOSITORY / "docs" / "for-analysts.md").read_text(encoding="utf-8"),
    re.MULTILINE | re.DOTALL,
)
MAY_FIND_NOTHING = ("status != 'pass'",)
"""Of a healthy publication this query finds nothing."""


def test_there_are_twenty() -> None:
    assert len(QUERIES) == 20


@pytest.mark.parametrize("query", QUERIES, ids=[str(number) for number in range(1, 21)])
def test_the_query_finds_what_it_asks_for(demo_home: Home, query: str) -> None:
    with duckdb.connect(str(demo_home.published_database), read_only=True) as connection:
        found = connection.execute(query).fetchall()
    assert found or any(words in query for words in MAY_FIND_NOTHING)
