"""Funnels in product.yml: what goes together, and what dbt is told."""

from __future__ import annotations

from pathlib import Path

import pytest
from product_files import MINIMAL

from pm_pipeline.product import ProductFileError, load_product
from pm_pipeline.product.definitions import definition_tables

TWO = "steps: [{name: one, event: a}, {name: two, event: b}]"
THREE = (
    "steps: [{name: one, event: a}, {name: two, event: b, optional: true}, {name: three, event: c}]"
)
FAULTS = {
    "exclusion in a strict funnel": (
        f"{TWO}, order: strict, exclude: [{{event: x}}]", "nothing may lie in between"
    ),
    "exclusion by step without order": (
        f"{TWO}, order: unordered, exclude: [{{event: x, after_step: 1}}]", "need steps in order"
    ),
    "exclusion backwards": (
        f"{TWO}, exclude: [{{event: x, after_step: 2, before_step: 1}}]", "got 2 and 1"
    ),
    "exclusion after the last step": (
        f"{TWO}, exclude: [{{event: x, after_step: 2}}]", "got 2 and 2"
    ),
    "exclusion beside an optional step": (
        f"{THREE}, exclude: [{{event: x, before_step: 2}}]", "cannot lean on step 2"
    ),
    "no such step": (f"{TWO}, segment_attribution: {{step: 3}}", "there is no step 3"),
    "optional last step": (
        "steps: [{name: one, event: a}, {name: two, event: b, optional: true}]",
        "the first and the last step cannot be optional",
    ),
    "optional step without order": (
        f"{THREE}, order: unordered", "an optional step needs order: ordered"
    ),
    "open and unordered": (f"{TWO}, order: unordered, enter_at: any", "leave it out"),
    "first step of an ordered funnel": (
        f"{TWO}, require_first_step: true", "require_first_step is for order: unordered"
    ),
    "many steps of one event": (
        "steps: [" + ", ".join(
            f"{{name: s{n}, event: a, where: 'properties.n = {n}'}}" for n in range(9)
        ) + "]",
        "at most 8 different steps that one event may match, got 9",
    ),
    "a segment with the name of another": (
        f"{TWO}, segments: [properties.platform]", "'platform' is a segment of the product too"
    ),
}  # fmt: skip


def write(path: Path, funnel: str) -> Path:
    file = path / "product.yml"
    text = MINIMAL.replace("name: Larder", "name: Larder\n  segments: [platform]")
    assert text != MINIMAL
    file.write_text(f"{text}funnels: {{f: {{window: 1 day, {funnel}}}}}\n")
    return file


@pytest.mark.parametrize(("funnel", "message"), FAULTS.values(), ids=FAULTS.keys())
def test_what_does_not_go_together_is_refused(tmp_path: Path, funnel: str, message: str) -> None:
    with pytest.raises(ProductFileError) as refused:
        load_product(write(tmp_path, funnel))
    (fault,) = refused.value.faults
    assert message in fault.message


def test_step_sets_are_unions_of_equal_steps_that_may_share_an_event(tmp_path: Path) -> None:
    """Steps a, a, b and c where n = 1, c where n = 2: masks 3, 4, and 8, 16, 24."""
    steps = (
        "steps: [{name: s1, event: a}, {name: s2, event: a}, {name: s3, event: b}, "
        "{name: s4, event: c, where: 'properties.n = 1'}, "
        "{name: s5, event: c, where: 'properties.n = 2'}]"
    )
    product = load_product(write(tmp_path, steps))
    sets = definition_tables(product)["funnel_step_sets"].rows
    assert [row[1:] for row in sets] == [
        (3, 2, 1, 2), (4, 1, 2, 1), (8, 1, 3, 2), (16, 1, 3, 2), (24, 2, 3, 2)
    ]  # fmt: skip


def test_numbers_count_required_steps_and_the_window_reaches_a_day_further(tmp_path: Path) -> None:
    funnel = f"{THREE}, exclude: [{{event: x}}], segments: [country]"
    tables = definition_tables(load_product(write(tmp_path, funnel)))
    (row,) = tables["funnels"].rows
    named = dict(zip((name for name, _ in tables["funnels"].columns), row, strict=True))
    assert named["reach_days"] == 2
    assert (named["steps_count"], named["required_count"]) == (3, 2)
    assert [row[3:5] for row in tables["funnel_steps"].rows] == [(1, None), (None, 1), (2, 1)]
    assert [row[-2:] for row in tables["funnel_exclusions"].rows] == [(1, 2)]
    assert [row[2] for row in tables["funnel_segments"].rows] == ["country", "platform"]
