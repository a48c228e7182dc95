"""What this version does not carry out is refused by name, and the rest of it is still checked."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from product_files import EVERYTHING, MINIMAL

from pm_pipeline.product import ProductFileError, load_product
from pm_pipeline.product.loading import read_product
from pm_pipeline.product.models import Product
from pm_pipeline.product.shape import fields_by_key, inner_of
from pm_pipeline.product.values import Quantity

REFUSED = [
    "sources[0].format: amplitude",
    "tracking_plan.on_violation: reject", "tracking_plan.events",
    "privacy.drop_properties: [email]", "privacy.hash_ids: true", "privacy.forget: forget.csv",
]  # fmt: skip


@pytest.fixture(scope="module")
def everything() -> Product:
    return read_product(EVERYTHING, refuse_later_work=False)


def test_every_key_of_later_work_is_refused_by_name_and_line() -> None:
    with pytest.raises(ProductFileError) as refused:
        load_product(EVERYTHING)
    messages = {fault.message for fault in refused.value.faults}
    assert messages == {f"not supported yet: {what}" for what in REFUSED}
    lines = EVERYTHING.read_text().splitlines()
    for fault in refused.value.faults:
        key = fault.key.rpartition(".")[2].partition("[")[0]
        assert f"{key}:" in lines[fault.line - 1]


def test_the_fault_is_not_named_twice() -> None:
    with pytest.raises(ProductFileError) as refused:
        load_product(EVERYTHING)
    lines = EVERYTHING.read_text().splitlines()
    line = 1 + next(n for n, text in enumerate(lines) if text.startswith("privacy:"))
    assert f"everything.yml:{line}: not supported yet: privacy.hash_ids" in str(refused.value)


def test_the_fixture_sets_every_key_there_is(everything: Product) -> None:
    def visit(shape: object, value: object) -> None:
        inner, kind = inner_of(shape)
        if kind == "model" and value is not None:
            for key, field in fields_by_key(inner).items():
                name = next(n for n, f in inner.model_fields.items() if f is field)
                seen.setdefault(f"{inner.__name__}.{key}", False)
                if name in value.model_fields_set:  # type: ignore[attr-defined]
                    seen[f"{inner.__name__}.{key}"] = True
                    visit(field.annotation, getattr(value, name))
        elif kind == "map" and isinstance(value, dict):
            for entry in value.values():
                visit(inner, entry)
        elif kind == "list" and isinstance(value, tuple):
            for entry in value:
                visit(inner, entry)

    seen: dict[str, bool] = {}
    visit(Product, everything)
    missing = [key for key, is_set in seen.items() if not is_set]
    assert missing == []


def test_without_the_refusal_the_whole_file_is_typed(everything: Product) -> None:
    assert everything.product.session_timeout == {
        "default": timedelta(minutes=45),
        "ios": timedelta(minutes=5),
    }
    assert everything.metrics["grams"].cap == Quantity(0.99, True)
    assert everything.metrics["grams_each"].cap is None
    experiment = everything.experiments["big_buttons"]
    assert experiment.variants == {"small": 0.25, "big": 0.75}
    assert experiment.control_variant == "big"
    assert experiment.pre_exposure_window == timedelta(0)
    assert experiment.metrics.guardrails[0].margin == Quantity(0.02, True)
    assert experiment.decision is not None and experiment.decision.on == date(2026, 4, 2)
    assert everything.goals["more_cooks"].from_ == date(2026, 1, 1)
    assert everything.retention["cooks"].return_.at_least == 2


FOLLOWED = (
    "retention: {r: {start: {event: a}, return: {event: a}, interval: day, periods: 3, "
    "metrics: [x]}}\n"
)

EXPERIMENT = (
    "experiments: {x: {exposure: {event: e, variant: app_version}, variants: {a: 0.5, b: 0.5}, "
    "start: 2026-01-01, metrics: {primary: [m]}, metric_window: 7 days}}\n"
    "metrics: {m: {event: a, aggregate: count}, b: {retention: r, period: 8}}\n"
    "retention: {r: {start: {event: a}, return: {event: a}, interval: day, periods: 9}}"
)
LATER_FAULTS = {
    "metric of two kinds": (
        "metrics: {m: {event: a, aggregate: count, numerator: m, denominator: m}}",
        "metrics.m",
        "expected exactly one of event + aggregate or numerator + denominator",
    ),
    "half a metric": ("metrics: {m: {event: a}}", "metrics.m", "event needs aggregate too"),
    "sum of nothing": (
        "metrics: {m: {event: a, aggregate: sum}}",
        "metrics.m",
        "aggregate sum needs value",
    ),
    "built-in metric": (
        "metrics: {sessions: {event: a, aggregate: count}}",
        "metrics",
        "'sessions' is a built-in metric",
    ),
    "unknown metric": (
        "metrics: {m: {event: a, aggregate: count}, r: {numerator: n, denominator: m}}",
        "metrics.r.numerator",
        "unknown metric 'n'",
    ),
    "unknown step": (
        "funnels: {f: {window: 1 day, steps: [{name: one, event: a}, {name: two, event: b}]}}\n"
        "metrics: {m: {funnel: f, step: tow}}",
        "metrics.m",
        "funnel 'f' has no step 'tow', did you mean 'two'?",
    ),
    "funnel of units that are no people": (
        EXPERIMENT.replace("x: {exposure", "x: {unit: device, exposure")
        .replace("retention: r, period: 8", "funnel: f, step: one")
        .replace("[m]", "[b]")
        + "\nfunnels: {f: {window: 1 day, steps: [{name: one, event: a}, {name: two, event: b}]}}",
        "experiments",
        "'x': 'b' is a step of a funnel, which is walked by people: it needs unit: user",
    ),
    "funnel of one step": (
        "funnels: {f: {window: 1 day, steps: [{name: one, event: a}]}}",
        "funnels.f.steps",
        "expected at least 2 entries, got 1",
    ),
    "step twice": (
        "funnels: {f: {window: 1 day, steps: [{name: one, event: a}, {name: one, event: b}]}}",
        "funnels.f",
        "two steps are named 'one'",
    ),
    "condition": (
        "funnels: {f: {window: 1 day, "
        "steps: [{name: one, event: a, where: '1'}, {name: two, event: b}]}}",
        "funnels.f.steps[0].where",
        "expected true or false, but 1 is a number",
    ),
    "persona reads users": (
        "personas: {p: {where: \"platform = 'ios'\"}}",
        "personas.p.where",
        "unknown column 'platform'",
    ),
    "goal metric": (
        "goals: {g: {metric: weekly_users, target: 1, from: 2026-01-01, due: 2026-02-01}}",
        "goals.g.metric",
        "unknown metric 'weekly_users', did you mean",
    ),
    "goal cumulative": (
        "goals: {g: {metric: stickiness_rate, target: 1, from: 2026-01-01, due: 2026-02-01, "
        "period: cumulative}}",
        "goals.g",
        "days of stickiness_rate cannot be added up",
    ),
    "goal on a share": (
        "metrics: {p: {event: e, aggregate: proportion}}\n"
        "goals: {g: {metric: p, target: 1, from: 2026-01-01, due: 2026-02-01, period: cumulative}}",
        "goals",
        "goal 'g': days of p cannot be added up",
    ),
    "goal on a sum of ratios": (
        "metrics: {a: {event: e, aggregate: count}, r: {numerator: a, denominator: a}}\n"
        "goals: {g: {metric: r, target: 1, from: 2026-01-01, due: 2026-02-01, period: cumulative}}",
        "goals",
        "goal 'g': days of r cannot be added up",
    ),
    "goal due": (
        "goals: {g: {metric: sessions, target: 1, from: 2026-03-01, due: 2026-02-01}}",
        "goals.g",
        "expected a due date after 2026-03-01",
    ),
    "ratio with a cap": (
        "metrics: {m: {event: a, aggregate: count}, r: {numerator: m, denominator: m, cap: 5}}",
        "metrics.r",
        "cap is only for metrics with event (a ratio is capped by its numerator)",
    ),
    "ratio of a ratio": (
        "metrics: {m: {event: a, aggregate: count}, r: {numerator: m, denominator: m},"
        " s: {numerator: r, denominator: m}}",
        "metrics",
        "'s' is a ratio of 'r', which is no metric with event",
    ),
    "experiment on a product's number": (
        EXPERIMENT.replace("[m]", "[sessions]"),
        "experiments.x.metrics.primary[0]",
        "'sessions' is a number of the whole product",
    ),
    "experiment on a metric twice": (
        EXPERIMENT.replace("[m]", "[m], secondary: [m]"),
        "experiments.x.metrics",
        "'m' is there twice; a metric plays one role",
    ),
    "experiment with phases out of order": (
        EXPERIMENT.replace(
            "metric_window",
            "phases: [{from: 2025-12-01, variants: {a: 0.9, b: 0.1}}], metric_window",
        ),
        "experiments.x",
        "expected phases one after the other, from 2026-01-01 on",
    ),
    "experiment with a phase without control": (
        EXPERIMENT.replace(
            "metric_window",
            "phases: [{from: 2026-01-05, variants: {c: 0.9, b: 0.1}}], metric_window",
        ),
        "experiments.x",
        "the phase from 2026-01-05 is without the control 'a'",
    ),
    "experiment that finds anything": (
        EXPERIMENT.replace("metric_window", "alpha: 0.5, metric_window"),
        "experiments.x.alpha",
        "less than 0.5",
    ),
    "experiment in hours": (
        EXPERIMENT.replace("7 days", "36 hours"),
        "experiments.x.metric_window",
        "expected whole days, such as '14 days'",
    ),
    "experiment that ends before the return": (
        EXPERIMENT.replace("[m]", "[b]"),
        "experiments",
        "'x' follows units for 7 days, too short for 'b': it needs 9",
    ),
    "bracket": (
        "retention: {r: {start: {event: a}, return: {event: a}, "
        "interval: day, periods: 3, brackets: [[3, 1]]}}",
        "retention.r",
        "the bracket [3, 1] runs backwards",
    ),
    "built-in metric by age": (
        FOLLOWED.replace("[x]", "[sessions]"),
        "retention",
        "'r' cannot sum by age: 'sessions' is a built-in metric",
    ),
    "ratio by age": (
        FOLLOWED + "metrics: {m: {event: a, aggregate: count}, x: {numerator: m, denominator: m}}",
        "retention",
        "'r' cannot sum by age: 'x' is a ratio, whose parts can be summed",
    ),
    "retention by age": (
        FOLLOWED + "metrics: {x: {retention: r, period: 2}}",
        "retention",
        "'r' cannot sum by age: 'x' is a retention rate",
    ),
    "funnel by age": (
        FOLLOWED + "metrics: {x: {funnel: f, step: two}}\n"
        "funnels: {f: {window: 1 day, steps: [{name: one, event: a}, {name: two, event: b}]}}",
        "retention",
        "'r' cannot sum by age: 'x' is a funnel rate",
    ),
    "percentile by age": (
        FOLLOWED + "metrics: {x: {event: a, aggregate: count, cap: 99%}}",
        "retention",
        "'r' cannot sum by age: 'x' is capped by a percentile",
    ),
    "tree of an unknown": (
        "metric_tree: {sessions: {kind: product, inputs: [new_user, visits]}}",
        "metric_tree",
        "'sessions': 'new_user' is no metric and no node of this tree, did you mean 'new_users'?",
    ),
    "tree with two parents": (
        "metric_tree: {a: {kind: sum, inputs: [sessions, new_users]}, "
        "b: {kind: sum, inputs: [sessions, a]}}",
        "metric_tree",
        "'sessions' is an input of 'a' and of 'b'",
    ),
    "tree in a circle": (
        "metric_tree: {a: {kind: sum, inputs: [b, new_users]}, "
        "b: {kind: sum, inputs: [a, sessions]}}",
        "metric_tree",
        "is made of itself",
    ),
    "ratio of three": (
        "metric_tree: {a: {kind: ratio, inputs: [new_users, sessions, stickiness_rate]}}",
        "metric_tree.a",
        "a ratio has two inputs",
    ),
    "influence on nothing": (
        "metric_tree: {mood: {kind: influence, inputs: [weather]}}",
        "metric_tree",
        "'mood' has no value: an influence is on a metric",
    ),
    "influence by an unknown experiment": (
        "metric_tree: {sessions: {kind: influence, inputs: [weather], evidence: corelation}}",
        "metric_tree",
        "did you mean 'correlation'?",
    ),
    "survey without a kind": (
        "surveys: {s: {event: answered, kind: npss, score: properties.score}}",
        "surveys.s.kind",
        "did you mean 'nps'?",
    ),
    "roadmap": (
        "roadmap: [{name: x, status: buildin}]",
        "roadmap[0].status",
        "did you mean 'building'?",
    ),
}


@pytest.mark.parametrize(("text", "key", "message"), LATER_FAULTS.values(), ids=LATER_FAULTS.keys())
def test_later_work_is_validated_all_the_same(
    tmp_path: Path, text: str, key: str, message: str
) -> None:
    path = tmp_path / "product.yml"
    path.write_text(MINIMAL + text)
    with pytest.raises(ProductFileError) as refused:
        read_product(path, refuse_later_work=False)
    assert [fault.key for fault in refused.value.faults] == [key]
    assert message in refused.value.faults[0].message
