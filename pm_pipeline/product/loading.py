"""Reading a ``product.yml``: every fault at once, each with its line, key and cure.

Belongs here: the way from a path to a ``Product``, and which names a file gives to things. Does
not belong here: YAML (``yaml_nodes.py``), rules (``models/``), wording (``plain_words.py``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from pm_pipeline.product.faults import Fault, ProductFileError, key_path
from pm_pipeline.product.models import Product
from pm_pipeline.product.models.behaviour import BUILT_IN_METRICS
from pm_pipeline.product.plain_words import (
    in_plain_words,
    is_long_enough,
    location_of,
    misspelled,
)
from pm_pipeline.product.support import unsupported
from pm_pipeline.product.yaml_nodes import YamlFile, read_yaml

SECTIONS_OF_NAMES = {
    "metric": "metrics",
    "feature": "features",
    "funnel": "funnels",
    "retention": "retention",
    "experiment": "experiments",
    "persona": "personas",
    "problem": "problems",
    "hypothesis": "hypotheses",
    "goal": "goals",
    "cohort": "cohorts",
}


def load_product(path: Path, known_checks: Collection[str] | None = None) -> Product:
    """Return the product of a ``product.yml`` that this version can carry out.

    ``known_checks``: the names that ``checks:`` may hold; without it any name is taken.
    Raises ``ProductFileError`` with every fault, sorted by line.
    """
    return read_product(path, known_checks, refuse_later_work=True)


def read_product(
    path: Path, known_checks: Collection[str] | None = None, *, refuse_later_work: bool
) -> Product:
    """Return the product, with or without the keys that are not carried out yet."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise _whole_file(path, f"there is no such file: {path}") from None
    except OSError as error:
        raise _whole_file(path, f"cannot be read: {error.strerror or error}") from None
    checks = None if known_checks is None else frozenset(known_checks)
    return _read_content(path, content, checks, refuse_later_work)


@lru_cache(maxsize=1)
def _read_content(
    path: Path, content: bytes, known_checks: frozenset[str] | None, refuse_later_work: bool
) -> Product:
    """Return the product; every step of a run asks for it, and it cannot be changed."""
    file = read_yaml(content)
    if not isinstance(file.data, dict):
        if not file.faults:
            what = "the file is empty" if file.data is None else "expected keys with values"
            file.faults.append((1, (), f"{what}; it begins with product: and sources:"))
        raise _error(path, file)
    if refuse_later_work:
        for location, message in unsupported(Product, file.data):
            file.faults.append((file.line_of(location), location, message))
    product = _validated(file, known_checks)
    if file.faults or product is None:
        raise _error(path, file)
    return product


def _validated(file: YamlFile, known_checks: Collection[str] | None) -> Product | None:
    try:
        return Product.model_validate(file.data, context=_context(file.data, known_checks))
    except ValidationError as found:
        known = {location for _, location, _ in file.faults}
        errors = found.errors(include_url=False)
        elsewhere = misspelled(Product, errors)
        for error in errors:
            location = location_of(error)
            if error["type"] == "missing" and location in elsewhere:
                continue
            if location in known and error["input"] is None:
                continue  # an empty key, found when the file was read
            if error["type"] == "too_short" and is_long_enough(error):
                continue  # its entries have faults of their own
            message = in_plain_words(Product, error)
            if error["type"] != "missing":
                location = file.part_in_file(location)
            file.faults.append((file.line_of(location), location, message))
        return None


def _context(data: dict[str, Any], known_checks: Collection[str] | None) -> dict[str, Any]:
    """Return the names that references are checked against, as the file spells them."""
    names: dict[str, Collection[str]] = {
        kind: list(_keys(data.get(section))) for kind, section in SECTIONS_OF_NAMES.items()
    }
    names["metric"] = [*names["metric"], *BUILT_IN_METRICS]
    if known_checks is not None:
        names["check"] = sorted(known_checks)
    funnels = data.get("funnels")
    return {
        "names": names,
        "cohorts_of_personas": _cohorts_of_personas(data.get("cohorts")),
        "source_names": Counter(_names_in(data.get("sources"))),
        "funnel_steps": {
            name: list(_names_in(funnel.get("steps")))
            for name, funnel in (funnels.items() if isinstance(funnels, dict) else ())
            if isinstance(funnel, dict)
        },
    }


def _cohorts_of_personas(section: Any) -> set[str]:
    """Return the cohorts that are of a persona or made of such, as far as the file is in order."""
    cohorts = section if isinstance(section, dict) else {}
    found: set[str] = set()
    while True:
        more = {
            name
            for name, cohort in cohorts.items()
            if isinstance(cohort, dict) and name not in found
            and ("persona" in cohort or found & _cohorts_named_by(cohort))
        }  # fmt: skip
        if not more:
            return found
        found |= more


def _cohorts_named_by(cohort: dict[str, Any]) -> set[str]:
    lists = (cohort.get(key) for key in ("all_of", "any_of", "except"))
    return {name for names in lists if isinstance(names, list) for name in names
            if isinstance(name, str)}  # fmt: skip


def _keys(section: Any) -> Iterator[str]:
    yield from section if isinstance(section, dict) else ()


def _names_in(entries: Any) -> Iterator[str]:
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, dict) and isinstance(entry.get("name"), str):
            yield entry["name"]


def _whole_file(path: Path, message: str) -> ProductFileError:
    return ProductFileError([Fault(0, "", message, path.name)])


def _error(path: Path, file: YamlFile) -> ProductFileError:
    return ProductFileError(
        Fault(line, key_path(location), message, path.name)
        for line, location, message in file.faults
    )
