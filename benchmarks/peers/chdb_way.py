"""A table by ClickHouse, embedded: one query over the events, as its users write it.

Run as ``python chdb_way.py TABLE EVENTS RESULT`` by an interpreter that has chdb; the table
``none`` is the start-up alone. The queries lie in ``sql/chdb``.
"""

from __future__ import annotations

import sys
from pathlib import Path

from chdb import session

QUERIES = Path(__file__).with_name("sql") / "chdb"
THREADS = 2


def main(table: str, events: str, result: str) -> None:
    """Write ``table`` of the Parquet file ``events`` to the Parquet file ``result``."""
    with session.Session() as server:
        server.query(f"set max_threads = {THREADS}")
        server.query("create database if not exists bench")
        server.query("use bench")
        server.query(f"create view events as select * from file('{events}', Parquet)")
        if table == "none":
            return
        query = (QUERIES / f"{table}.sql").read_text(encoding="utf-8")
        server.query(f"insert into function file('{result}', Parquet) {query}")


if __name__ == "__main__":
    main(*sys.argv[1:])
