"""Attributions: what the section takes, what it refuses, and what dbt gets to read of it."""

from __future__ import annotations

import pytest
from product_files import MINIMAL

from pm_pipeline.product import definition_tables, named_sha256s

SHORT = "attribution: {sales: {conversion: {event: buy}, channels: [{name: all}]}}\n"
CHANNELS = "channels: [{name: a, where: \"platform = 'web'\"}, {name: b}]"


def section(entry: str) -> str:
    return MINIMAL + f"attribution: {{sales: {{conversion: {{event: buy}}, {entry}}}}}\n"


def tables_of(product):
    tables = definition_tables(product)
    return tuple(
        tables[name].rows for name in ("attributions", "attribution_channels", "attribution_models")
    )


def test_without_the_section_its_tables_are_empty(load) -> None:
    assert tables_of(load(MINIMAL)) == ((), (), ())


def test_defaults(load) -> None:
    day = 86_400
    attributions, channels, models = tables_of(load(MINIMAL + SHORT))
    assert attributions == (
        ("sales", "buy", None, None, None, None, 30 * day, 7.5 * day, 0.4, 0.2, 0.4, 0.5, 0.5),
    )
    assert channels == (("sales", 1, "all", None, False),)
    assert [model for _, model in models] == [
        "first", "last", "last_non_direct", "linear", "position", "time_decay",
    ]  # fmt: skip


def test_everything_that_is_said_reaches_dbt(load) -> None:
    text = section(
        f"{CHANNELS}, touches: {{event: visit, where: \"country = 'DE'\"}}, look_back: 2 days, "
        "direct: [b], models: [time_decay, position], half_life: 1 hour, "
        "position: {first: 10%, middle: 20%, last: 60%, two_touches: [30, 60]}"
    ).replace("{event: buy}", "{event: any, where: properties.paid, value: properties.price}")
    attributions, channels, models = tables_of(load(text))
    (row,) = attributions
    assert row[:2] == ("sales", None)
    assert "/paid" in row[2] and "/price" in row[3]
    assert row[4:8] == ("visit", "country = 'DE'", 2 * 86_400, 3600.0)
    assert row[8:] == pytest.approx((1 / 9, 2 / 9, 6 / 9, 1 / 3, 2 / 3))
    assert channels == (
        ("sales", 1, "a", "platform = 'web'", False),
        ("sales", 2, "b", None, True),
    )
    assert models == (("sales", "position"), ("sales", "time_decay"))


@pytest.mark.parametrize(
    ("entry", "of_two"),
    [
        ("position: {first: 20, middle: 20, last: 60}", (0.25, 0.75)),
        ("position: {first: 0, middle: 5, last: 0}", (0.5, 0.5)),
        ("position: {first: 0, middle: 5, last: 0, two_touches: [0, 3]}", (0, 1)),
    ],
)
def test_two_touches_get_the_weights_of_the_ends(load, entry: str, of_two) -> None:
    attributions, _, _ = tables_of(load(section(f"{CHANNELS}, {entry}")))
    assert attributions[0][-2:] == pytest.approx(of_two)


@pytest.mark.parametrize(
    ("entry", "key", "message"),
    [
        ("channels: []", "attribution.sales.channels", "at least 1"),
        ("channels: [{name: a}, {name: b}]", "attribution.sales", "only the last"),
        (
            "channels: [{name: (unattributed)}]",
            "attribution.sales.channels[0]",
            "without a touch",
        ),
        (f"{CHANNELS}, direct: [c]", "attribution.sales", "unknown channel 'c'"),
        (f"{CHANNELS}, direct: [a, a]", "attribution.sales.direct", "listed twice"),
        (f"{CHANNELS}, models: []", "attribution.sales.models", "at least 1"),
        (f"{CHANNELS}, models: [u_shaped]", "attribution.sales.models[0]", "position"),
        (f"{CHANNELS}, models: [first, first]", "attribution.sales.models", "listed twice"),
        (f"{CHANNELS}, look_back: 0", "attribution.sales.look_back", "longer than 0"),
        (
            f"{CHANNELS}, models: [first], half_life: 1 day",
            "attribution.sales",
            "half_life is only for the model time_decay",
        ),
        (
            f"{CHANNELS}, models: [first], position: {{first: 1}}",
            "attribution.sales",
            "position is only for the model position",
        ),
        (
            f"{CHANNELS}, position: {{first: 0, middle: 0, last: 0}}",
            "attribution.sales.position",
            "above 0",
        ),
        (
            f"{CHANNELS}, position: {{two_touches: [0, 0]}}",
            "attribution.sales.position",
            "above 0",
        ),
        (f"{CHANNELS}, position: {{last: -1}}", "attribution.sales.position.last", "at least 0"),
        (
            f"{CHANNELS}, position: {{two_touches: [1, 2, 3]}}",
            "attribution.sales.position.two_touches",
            "at most 2",
        ),
        ("channels: [{name: a, where: '1'}]", "attribution.sales.channels[0].where", "true or"),
        (f"{CHANNELS}, modles: [first]", "attribution.sales.modles", "did you mean 'models'?"),
    ],
)
def test_refused(faults_of, entry: str, key: str, message: str) -> None:
    (fault,) = faults_of(section(entry))
    assert fault.key == key
    assert message in fault.message


def test_a_channel_rule_is_part_of_the_definition(load) -> None:
    def fingerprint(entry: str) -> str:
        return named_sha256s(load(section(entry)))["attribution", "sales"]

    plain = fingerprint(CHANNELS)
    assert fingerprint(f"{CHANNELS}, look_back: 30 days, position: {{first: 2, middle: 1, last: 2}}"
                       ) == plain  # fmt: skip
    assert fingerprint(CHANNELS.replace("'web'", "'ios'")) != plain
    assert fingerprint(f"{CHANNELS}, direct: [a]") != plain
    assert fingerprint(f"{CHANNELS}, models: [first]") != plain
