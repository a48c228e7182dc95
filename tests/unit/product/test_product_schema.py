"""The packaged JSON Schema is what the models say, and editors can use it."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest
import yaml
from product_files import EVERYTHING, MINIMAL

from pm_pipeline.product.schema import SCHEMA_FILE, product_schema, schema_text
from pm_pipeline.product.yaml_nodes import read_yaml


def validator() -> jsonschema.Draft7Validator:
    return jsonschema.Draft7Validator(product_schema())


def as_an_editor_reads(text: str) -> Any:
    return yaml.load(text, Loader=yaml.BaseLoader)


def test_the_packaged_file_is_current() -> None:
    assert SCHEMA_FILE.read_text(encoding="utf-8") == schema_text(), (
        "run: python -m pm_pipeline.product.schema"
    )


def test_every_key_is_described() -> None:
    schema = product_schema()
    sections = {"Product": schema, **schema["$defs"]}
    keys = [
        (f"{name}.{key}", value)
        for name, section in sections.items()
        for key, value in section["properties"].items()
    ]
    assert len(keys) > 100

    def described(key: dict[str, Any]) -> bool:
        section = schema["$defs"].get(key.get("$ref", "").rpartition("/")[2], {})
        return bool(key.get("description") or section.get("description"))

    assert [name for name, key in keys if not described(key)] == []


def test_later_work_says_so() -> None:
    properties = product_schema()["properties"]
    assert properties["tracking_plan"]["description"].startswith("Not supported yet. ")
    assert not properties["features"]["description"].startswith("Not supported yet. ")


def test_the_schema_is_valid_and_takes_a_minimal_file() -> None:
    jsonschema.Draft7Validator.check_schema(product_schema())
    assert list(validator().iter_errors(as_an_editor_reads(MINIMAL))) == []


def test_the_schema_takes_every_key_there_is() -> None:
    data = read_yaml(EVERYTHING.read_bytes()).data
    assert [(list(e.path), e.message) for e in validator().iter_errors(data)] == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("name: Larder", "nam: Larder"),
        ("format: csv", "format: cvs"),
        ("name: Larder", "name: Larder\n  session_timeout: soon"),
        ("- name: app", "- name: My App"),
        ("user_id: uid", "user_id: {colum: uid}"),
    ],
)
def test_the_schema_marks_faults(old: str, new: str) -> None:
    data = as_an_editor_reads(MINIMAL.replace(old, new))
    assert list(validator().iter_errors(data)) != []
