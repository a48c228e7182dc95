"""A product is read once while its file says the same, and anew when it says something else."""

from __future__ import annotations

from pathlib import Path

import pytest

from pm_pipeline.product import ProductFileError, load_product

PRODUCT = """\
product: {name: Tiny}
sources:
  - name: app
    path: "*.jsonl"
    format: jsonl
    columns: {user_id: user, event_name: name, event_time: {column: at, format: iso8601}}
"""


def test_a_product_is_read_anew_when_its_file_says_something_else(tmp_path: Path) -> None:
    file = tmp_path / "product.yml"
    file.write_text(PRODUCT)
    first = load_product(file, known_checks=["rejected_share"])
    assert load_product(file, known_checks=("rejected_share",)) is first
    file.write_text(PRODUCT.replace("Tiny", "Large"))
    assert load_product(file, known_checks=["rejected_share"]).product.name == "Large"
    file.write_text(PRODUCT.replace("format: jsonl", "format: none"))
    for _ in range(2):
        with pytest.raises(ProductFileError, match=r"product\.yml"):
            load_product(file)
