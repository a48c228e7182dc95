"""The products of the sequences of runs are valid, whichever of their edits are made."""

from __future__ import annotations

from pathlib import Path

import pytest

from pm_pipeline.product import load_product
from tests.pipeline.sequences import EDITS, OTHER_DEFINITIONS, PRODUCT, edited

PRODUCTS = {
    "none": PRODUCT,
    "all": OTHER_DEFINITIONS,
    **{f"only {edit[1]}": edited([edit]) for edit in EDITS},
    **{f"all but {edit[1]}": edited(each for each in EDITS if each != edit) for edit in EDITS},
}


@pytest.mark.parametrize("edits", PRODUCTS)
def test_a_product_of_sequences_is_valid(edits: str, tmp_path: Path) -> None:
    file = tmp_path / "product.yml"
    file.write_text(PRODUCTS[edits], encoding="utf-8")
    assert load_product(file).features
