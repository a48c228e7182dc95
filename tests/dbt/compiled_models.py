"""The real SQL of models, compiled by dbt once for a product, to be run on made-up events.

Belongs here: the way from a ``product.yml`` to tables computed by the models' own SQL. Does not
belong here: any expected number.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import duckdb
from test_unit_tests import run_dbt, write_definitions

from pm_pipeline.home import Home
from pm_pipeline.product import load_product
from pm_pipeline.state import open_state

EVENTS = """
create schema intermediate;
create table intermediate.int_run_window as
select 'tiny' as run_id, date '0001-01-01' as restate_from;
create table intermediate.int_events_segmented (
    event_id varchar, source_event_id varchar, source_name varchar, source_user_id varchar,
    device_id varchar, source_session_id varchar, event_name varchar, event_at timestamp,
    event_date date, utc_date date, received_at timestamp, time_source varchar, platform varchar,
    country varchar, app_version varchar, properties json, source_file varchar, user_id varchar
);
"""


def compiled_home(folder: Path, product: str, models: Sequence[str], *, as_of: str) -> Home:
    """Return a home whose working database has the definitions of ``product`` and no event.

    dbt has compiled ``models`` for it, as for a run that builds everything up to ``as_of`` (UTC).
    """
    home = Home(folder)
    home.warehouse.mkdir(parents=True)
    home.product_file.write_text(product, encoding="utf-8")
    with open_state(home):
        pass
    with duckdb.connect(str(home.working_database)) as connection:
        write_definitions(connection, load_product(home.product_file))
        connection.execute("update definitions.run set as_of = $1::timestamp", [as_of])
        connection.execute(EVENTS)
    done = run_dbt(home, "compile", "--select", *models)
    assert done.returncode == 0, done.stdout
    return home


def build(home: Home, connection: duckdb.DuckDBPyConnection, models: Sequence[str]) -> None:
    """Build ``models`` as tables, in the order in which they are named, from what lies there."""
    manifest = json.loads((home.dbt / "manifest.json").read_text(encoding="utf-8"))
    for name in models:
        model = manifest["nodes"][f"model.{manifest['metadata']['project_name']}.{name}"]
        (file,) = (home.dbt / "compiled").rglob(f"models/**/{name}.sql")
        table = f"{model['schema']}.{name}"
        connection.execute(f"create schema if not exists {model['schema']}")
        connection.execute(f"create or replace table {table} as {file.read_text()}")
