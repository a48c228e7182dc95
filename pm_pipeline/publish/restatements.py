"""Restatements: published past numbers that are others in the publication that follows.

Belongs here: the comparison of the previous warehouse with the one that is to replace it, and why
a number changed. Does not belong here: which tables hold dated numbers (the models say it), any
number of its own.
"""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import duckdb
import jinja2

QUERIES = Path(__file__).with_name("sql") / "restatements"
NEVER = date.max
ALWAYS = date.min
BASE, SOURCE = "base", "source"
"""Kinds of fingerprints that are no family of named definitions."""
NAMED_BY = {
    "attribution_name": "attribution",
    "cohort_name": "cohort",
    "feature_name": "feature",
    "funnel_name": "funnel",
    "metric_name": "metric",
    "path_name": "path",
    "retention_name": "retention",
}
"""The kind of definition that a key column names."""

Fingerprints = Mapping[tuple[str, str], str]


class DatedTable(Protocol):
    """A table whose rows are about a stretch of days."""

    @property
    def name(self) -> str:
        """Schema and table."""

    @property
    def key(self) -> Sequence[str]:
        """The columns that identify a row."""

    @property
    def last_day(self) -> str:
        """SQL over its columns: a day of the row; the last whose events it uses, if known.

        NULL where a row is about everything up to as-of.
        """

    @property
    def sees_itself(self) -> bool:
        """Whether ``last_day`` is the last whose events a row can use."""

    @property
    def is_complete(self) -> str:
        """SQL over its columns: whether a row stands; ``true`` where its last day decides."""

    @property
    def moving(self) -> Sequence[str]:
        """Columns of which no number stands."""


@dataclass(frozen=True)
class Reasons:
    """Why a number may have changed: from which product day on each cause can be one."""

    changed: Mapping[str, Collection[str]]
    """Names of changed definitions by kind."""
    in_one_only: Mapping[str, Collection[str]]
    """Names of definitions that only one of the two publications has."""
    is_other_base: bool
    changed_rules_from: date
    changed_files_from: date
    late_events_from: date
    identity_from: date
    is_other_code: bool


def find_restatements(
    connection: duckdb.DuckDBPyConnection,
    previous: Path,
    tables: Collection[DatedTable],
    *,
    publication: Mapping[str, Any],
    fingerprints: Fingerprints,
    timezone: str,
) -> int:
    """Add what is restated against ``previous`` to ``quality.restatements``; return how many.

    ``connection`` is open on the database that is to be published, with the state attached as
    ``state``; ``publication`` holds the parameters of the statements. A home without a previous
    publication restates nothing.
    """
    with _attached(connection, previous) as is_there:
        if not is_there:
            return 0
        list(_rows(connection, "unrecorded"))
        found = next(_rows(connection, "previous"), None)
        if found is None:
            return 0
        run_id, previous_as_of = found
        zone = ZoneInfo(timezone)
        as_of = publication["as_of"]
        limit = min(_day(as_of, zone), _day(previous_as_of, zone))
        reasons = _reasons(connection, run_id, publication, fingerprints, zone, limit)
        connection.execute(_render("create"))
        for table in tables:
            _compare(
                connection,
                table,
                reasons,
                {
                    "limit": limit,
                    "published_at": publication["published_at"],
                    "is_later": as_of >= previous_as_of,
                    "is_same_as_of": as_of == previous_as_of,
                },
            )
        connection.execute(_render("keep"))
        (count,) = connection.execute("select count(*) from restatements").fetchall()[0]
        return int(count)


def _compare(
    connection: duckdb.DuckDBPyConnection,
    table: DatedTable,
    reasons: Reasons,
    parameters: Mapping[str, object],
) -> None:
    columns = connection.execute(_render("columns"), {"table": table.name}).fetchall()
    names = [name for name, _ in columns]
    apart = {*table.key, *table.moving}
    metrics = [name for name, is_number in columns if is_number and name not in apart]
    if not metrics or not set(table.key) <= set(names):
        return  # one of the two versions does not have it, or not with this key
    filters = {
        "table": table,
        "in_one_only": list(_filters(table, reasons.in_one_only, "{}")),
        "other_segments": reasons.is_other_base and "segment_name" in table.key,
    }
    same = _render("is_same", columns=[*table.key, *metrics], **filters)
    scope = {name: parameters[name] for name in ("limit", "is_same_as_of")}
    if connection.execute(same, scope).fetchall() == [(True,)]:
        return
    connection.execute(
        _render(
            "compare",
            metrics=metrics,
            changed=list(_filters(table, reasons.changed, "coalesce(before.{0}, after.{0})")),
            is_other_base=reasons.is_other_base,
            **filters,
        ),
        {
            **parameters,
            "changed_rules_from": reasons.changed_rules_from,
            "changed_files_from": reasons.changed_files_from,
            "late_events_from": reasons.late_events_from,
            "identity_from": reasons.identity_from,
            "is_other_code": reasons.is_other_code,
        },
    )


def _filters(
    table: DatedTable, names_by_kind: Mapping[str, Collection[str]], column: str
) -> Iterator[str]:
    """Yield a condition per key column that names a definition: it is one of those."""
    for key, kind in NAMED_BY.items():
        if key in table.key and names_by_kind.get(kind):
            yield f"({column.format(key)} in ({_literals(names_by_kind[kind])}))"
    if "subject_kind" in table.key:
        for kind, names in names_by_kind.items():
            yield (
                f"({column.format('subject_kind')} = {_literal(kind)}"
                f" and {column.format('subject_name')} in ({_literals(names)}))"
            )


def _reasons(
    connection: duckdb.DuckDBPyConnection,
    run_id: str,
    publication: Mapping[str, Any],
    now: Fingerprints,
    zone: ZoneInfo,
    limit: date,
) -> Reasons:
    recorded = connection.execute(_render("previous_code"), {"run_id": run_id}).fetchone()
    run_id, *code = recorded or (run_id, None, None)
    parameters = {"run_id": run_id}
    definitions = connection.execute(_render("previous_definitions"), parameters).fetchall()
    before = {(kind, name): sha256 for kind, name, sha256 in definitions} or dict(now)
    changed: dict[str, list[str]] = {}
    in_one_only: dict[str, list[str]] = {}
    for kind, name in sorted(before.keys() | now.keys()):
        if (kind, name) in before and (kind, name) in now:
            if before[kind, name] != now[kind, name]:
                changed.setdefault(kind, []).append(name)
        else:
            in_one_only.setdefault(kind, []).append(name)
    changed_sources = set(changed.pop(SOURCE, ()))
    in_one_only.pop(SOURCE, None)
    rules_from = files_from = NEVER
    for source, is_other_content, at in _rows(connection, "changed_files"):
        if is_other_content:
            files_from = min(files_from, _day(at, zone))
        elif source in changed_sources:
            rules_from = min(rules_from, _day(at, zone))
    days = connection.execute(_render("changed_days"), parameters).fetchall()
    late_from = min((_day(_midnight(day), zone) for (day,) in days), default=NEVER)
    (identity,) = next(_rows(connection, "identity_changed"), (None,))
    return Reasons(
        changed=changed,
        in_one_only=in_one_only,
        is_other_base=bool(changed.pop(BASE, None)),
        changed_rules_from=rules_from,
        changed_files_from=files_from,
        # Days that were not over in either publication cannot change what stood.
        late_events_from=late_from if late_from < limit else NEVER,
        identity_from=NEVER if identity is None else _day(identity, zone),
        is_other_code=code != [publication["code_sha256"], publication["package_version"]],
    )


@contextmanager
def _attached(connection: duckdb.DuckDBPyConnection, previous: Path) -> Iterator[bool]:
    """Attach the previous publication, which an analyst may hold open for writing: then a copy."""
    aside = previous.with_suffix(".duckdb.previous")
    if not previous.exists():
        yield False
        return
    try:
        try:
            connection.execute(_render("attach", path=previous))
        except duckdb.IOException:
            shutil.copyfile(previous, aside)
            connection.execute(_render("attach", path=aside))
        try:
            yield True
        finally:
            connection.execute("detach previous")
    finally:
        aside.unlink(missing_ok=True)


def _rows(connection: duckdb.DuckDBPyConnection, name: str) -> Iterator[tuple[Any, ...]]:
    """Yield what a query finds; nothing where an older version did not publish what it reads."""
    try:
        yield from connection.execute(_render(name)).fetchall()
    except duckdb.CatalogException:
        return


def _day(instant: datetime, zone: ZoneInfo) -> date:
    """Return the product day of a naive UTC instant; of one beyond all calendars, the last."""
    try:
        return instant.replace(tzinfo=UTC).astimezone(zone).date()
    except OverflowError:
        return NEVER if instant.year > 1 else ALWAYS


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)


def _literal(text: object) -> str:
    return "'" + str(text).replace("'", "''") + "'"


def _literals(texts: Collection[str]) -> str:
    return ", ".join(map(_literal, sorted(texts)))


def _identifier(name: object) -> str:
    return '"' + str(name).replace('"', '""') + '"'


def _render(name: str, **values: Any) -> str:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(QUERIES), undefined=jinja2.StrictUndefined
    )
    environment.filters |= {"lit": _literal, "ident": _identifier}
    return environment.get_template(f"{name}.sql").render(**values)
