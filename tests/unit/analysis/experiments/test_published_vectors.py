"""The published vectors, each within its own tolerance, as far as they concern what is built."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import special

from pm_pipeline.analysis.experiments import Moments, Reading, Undefined, adjusted, compare, merged
from pm_pipeline.analysis.experiments.boundaries import Looks, boundaries, spent
from pm_pipeline.analysis.experiments.contrasts import lift
from pm_pipeline.analysis.experiments.plans import Effect
from pm_pipeline.analysis.experiments.sequences import mixture_half_width, mixture_p
from tests.unit.analysis.experiments.experiment_inputs import (
    compared,
    of_plain_sums,
    of_sums,
    vectors,
)

pytestmark = pytest.mark.shared
NOT_BUILT = {
    "welch_rel_delta_large": "the absolute difference decides; the interval of a lift is Fieller's",
    "welch_rel_log_large": "the same",
    "ratio_delta_rel": "the same",
    "noninferiority_prop_cookiecats_2pct": "takes a relative margin as if control had no noise",
    "ancova_and_lin": "one theta for all arms",
    "gs_obf_exact_k5": "alpha is spent on the fractions that occurred, not on planned ones",
    "gs_pocock_exact_k5": "O'Brien-Fleming spending alone",
    "gs_pocock_spending_k4": "the same",
    "multi_bonferroni": "Holm, which rejects all that it does",
    "multi_hochberg": "Holm, which needs no independence",
    "multi_holm_sidak": "the same",
    "bayes_prop_cookiecats": "no Bayesian output",
    "quantile_clustered_0.5": "no quantiles of events",
}
"""Vectors of methods that another one was chosen over, with the reason."""


def case(name: str) -> tuple[dict[str, Any], dict[str, Any], Any]:
    """Return inputs, expected values, and what compares within the vector's tolerance."""
    found = vectors()[name]
    tolerance = found["tolerance"]

    def near(value: Any) -> Any:
        return pytest.approx(value, rel=tolerance["rel"], abs=tolerance["abs"])

    return found["inputs"], found["expected"], near


def plain_arms(inputs: dict[str, Any]) -> tuple[Moments, Moments]:
    return of_plain_sums(inputs["control"]), of_plain_sums(inputs["treatment"])


def counted(inputs: dict[str, Any]) -> tuple[Moments, Moments]:
    control, variant = inputs["control"], inputs["treatment"]
    return (
        Moments.of_successes(control["n"], control["x"]),
        Moments.of_successes(variant["n"], variant["x"]),
    )


def as_the_reference_counts(inputs: dict[str, Any]) -> tuple[Moments, Moments]:
    """p (1 - p) as the variance, without n / (n - 1)."""
    arms = []
    for arm in (inputs["control"], inputs["treatment"]):
        share = arm["x"] / arm["n"]
        arms.append(Moments.of_variance(arm["n"], share, share * (1 - share)))
    return arms[0], arms[1]


def test_welch() -> None:
    inputs, expected, near = case("welch_abs_large")
    result = compared(*plain_arms(inputs))
    difference = result.difference
    assert result.pair.control.value == near(expected["mean_control"])
    assert result.pair.variant.value == near(expected["mean_treatment"])
    assert difference.estimate == near(expected["effect"])
    assert difference.standard_error == near(expected["se"])
    assert difference.degrees == near(expected["df"])
    assert difference.ratio == near(expected["t"])
    assert result.p_value() == near(expected["p"])
    assert list(result.interval(expected["alpha"])) == near(expected["ci"])


def test_welch_one_sided() -> None:
    inputs, expected, near = case("welch_one_sided_greater")
    result = compared(*plain_arms(inputs))
    assert result.one_sided_p(Effect(0.0, is_relative=False), 1) == near(expected["p"])
    assert result.interval(0.1)[0] == near(expected["ci"][0])


def test_lift_by_fieller() -> None:
    inputs, expected, near = case("rel_lift_fieller_large")
    result = compared(*plain_arms(inputs))
    quantile = -float(special.ndtri(expected["alpha"] / 2))
    found = lift(result.pair, result.difference, quantile)
    assert found is not None
    assert [found.low, found.high] == near(expected["ci"])


def test_proportions() -> None:
    inputs, expected, near = case("prop_z_pooled_cookiecats_d7")
    result = compared(*counted(inputs), "proportion")
    assert result.method == "pooled_z"
    assert result.difference.estimate == near(expected["effect"])
    assert result.p_value() == near(expected["p"])
    assert list(result.interval(0.05)) == near(expected["ci_newcombe"])


def test_a_proportion_as_a_mean() -> None:
    inputs, expected, near = case("prop_as_mean_gbstats_cookiecats_d7")
    result = compared(*as_the_reference_counts(inputs))
    absolute = expected["absolute"]
    assert result.difference.estimate == near(absolute["effect"])
    assert result.difference.standard_error == near(absolute["se"])
    assert result.p_value() == near(absolute["p"])
    assert list(result.interval(0.05)) == near(absolute["ci"])


def test_small_counts() -> None:
    inputs, expected, near = case("prop_small_counts")
    result = compared(*counted(inputs), "proportion")
    assert result.method == "fisher"
    assert result.p_value() == near(expected["fisher_p"])
    assert list(result.interval(0.05)) == near(expected["ci_newcombe"])
    sequential = compared(*counted(inputs), "proportion", Reading(0.05, "sequential"))
    assert sequential.sequential_p() is None
    assert sequential.deciding_interval(0.05) is None


def ratio_arms(inputs: dict[str, Any]) -> tuple[Moments, Moments]:
    names = ("num", "den", "num_pre", "den_pre")
    sums = inputs["suff"]
    return of_sums(sums["control"], *names), of_sums(sums["treatment"], *names)


def test_ratio() -> None:
    inputs, expected, near = case("ratio_delta_abs")
    result = compared(*ratio_arms(inputs), "ratio")
    assert result.difference.estimate == near(expected["effect"])
    assert result.difference.standard_error == near(expected["se"])
    assert result.p_value() == near(expected["p"])
    assert list(result.interval(0.05)) == near(expected["ci"])


def test_ratio_with_covariate() -> None:
    inputs, expected, near = case("ratio_cuped_abs")
    result = compared(*ratio_arms(inputs), "ratio", use_covariate=True)
    assert result.method == "delta_cuped"
    assert result.pair.control.adjusted == near(expected["control"])
    assert result.pair.variant.adjusted == near(expected["treatment"])
    assert result.difference.estimate == near(expected["effect_size"])
    assert result.p_value() == near(expected["pvalue"])
    interval = [expected["effect_size_ci_lower"], expected["effect_size_ci_upper"]]
    assert list(result.interval(0.05)) == near(interval)


def mean_arms(inputs: dict[str, Any]) -> tuple[Moments, Moments]:
    sums = inputs["suff"]
    return of_sums(sums["control"], "y", "", "x"), of_sums(sums["treatment"], "y", "", "x")


def test_mean_with_covariate() -> None:
    inputs, expected, near = case("cuped_mean_abs")
    arms = mean_arms(inputs)
    result = compared(*arms, use_covariate=True)
    assert result.method == "cuped"
    assert result.difference.estimate == near(expected["effect"])
    assert result.difference.standard_error == near(expected["se"])
    assert result.p_value() == near(expected["p"])
    assert list(result.interval(0.05)) == near(expected["ci"])
    assert result.variance_reduction == near(expected["variance_reduction"])
    plain = compared(*arms)
    assert plain.difference.estimate == near(expected["unadjusted"]["effect"])
    assert plain.difference.standard_error == near(expected["unadjusted"]["se"])
    assert list(plain.interval(0.05)) == near(expected["unadjusted"]["ci"])


@pytest.mark.parametrize(
    "cap", ["uncapped", "abs_cap_20", "p95_pooled_linear", "p95_pooled_ignore_zeros"]
)
def test_capped_values(cap: str) -> None:
    inputs, expected, near = case("winsor_caps")
    values = expected[cap]
    highest = {"uncapped": np.inf, "abs_cap_20": inputs["cap_abs"]}.get(cap, values.get("cap"))
    arms = [np.minimum(inputs[arm], highest) for arm in ("control", "treatment")]
    result = compared(Moments.of_values(arms[0]), Moments.of_values(arms[1]))
    assert result.difference.estimate == near(values["effect"])
    assert result.difference.standard_error == near(values["se"])
    assert result.p_value() == near(values["p"])
    assert list(result.interval(0.05)) == near(values["ci"])


@pytest.mark.parametrize(
    "name", ["asymp_cs_abs_N5000", "asymp_cs_abs_N20000", "asymp_cs_cookiecats_d7"]
)
def test_confidence_sequence(name: str) -> None:
    inputs, expected, near = case(name)
    reading = Reading(0.05, "sequential", inputs["tuning_N_star"])
    arms = plain_arms(inputs) if "sum" in inputs["control"] else as_the_reference_counts(inputs)
    result = compared(*arms, reading=reading)
    values = expected.get("absolute", expected)
    assert result.deciding_p() == near(values["p"])
    interval = result.deciding_interval(0.05)
    assert interval is not None
    assert list(interval) == near(values["ci"])


def test_the_mixture_behind_the_sequence() -> None:
    inputs, expected, near = case("msprt_normal_mixture")
    for row in expected["rows"]:
        p = mixture_p(row["effect"], row["var"], row["tau2"])
        assert p == near(row["p_always_valid"])
    inputs, expected, near = case("msprt_ci_halfwidth")
    for row in expected["rows"]:
        assert mixture_half_width(row["var"], row["tau2"], inputs["alpha"]) == near(
            row["half_width"]
        )
    inputs, expected, near = case("msprt_pypi_reference")
    for row, p in zip(inputs["cases"], expected["p"], strict=True):
        variance = 2 * row["sigma"] ** 2 / row["n_per_arm"]
        assert mixture_p(row["effect"], variance, row["tau"] ** 2) == near(p)


@pytest.mark.parametrize("name", ["gs_obf_spending_k5", "gs_obf_spending_unequal"])
def test_boundaries(name: str) -> None:
    inputs, expected, near = case(name)
    alpha = np.array([inputs["two_sided_alpha"]])
    bounds = boundaries(Looks(tuple(inputs["information"]), is_last=True), alpha)
    assert bounds[0].tolist() == near(expected["z_bounds"])
    for fraction, used in zip(
        inputs["information"], expected["cumulative_alpha_spent_one_sided"], strict=True
    ):
        # The published figures are rounded to ten decimals.
        assert spent(alpha, fraction)[0] / 2 == pytest.approx(used, rel=1e-5, abs=2e-8)


@pytest.mark.parametrize(
    "name", ["multi_holm", "multi_benjamini_hochberg", "multi_benjamini_yekutieli"]
)
def test_adjusted_p(name: str) -> None:
    inputs, expected, near = case(name)
    values = adjusted(inputs["p"], inputs["method"])
    assert values == near(expected["adjusted_p"])
    assert [value <= inputs["alpha"] for value in values if value is not None] == expected["reject"]


def test_non_inferiority() -> None:
    inputs, expected, near = case("noninferiority_mean_margin2")
    result = compared(*mean_arms(inputs))
    bound = Effect(-inputs["margin_abs"], is_relative=False)
    assert result.one_sided_p(bound, 1) == near(expected["p"])
    lower = result.interval(2 * inputs["alpha_one_sided"])[0]
    assert lower == near(expected["lower_bound_one_sided_95"])
    assert result.beyond(bound, inputs["alpha_one_sided"], 1) is expected["non_inferior"]


def test_equivalence() -> None:
    inputs, expected, near = case("tost_equivalence_mean")
    result = compared(*mean_arms(inputs))
    low = result.one_sided_p(Effect(inputs["low"], is_relative=False), 1)
    high = result.one_sided_p(Effect(inputs["upp"], is_relative=False), -1)
    assert low == near(expected["p_lower"])
    assert high == near(expected["p_upper"])


def test_without_variance_there_is_no_result() -> None:
    inputs, expected, _ = case("degenerate_zero_variance")
    assert expected["status"] == "no_result"
    arms = plain_arms(inputs)
    result = compare(arms[:1], arms[1:], [merged(arms)], "mean", Reading())
    assert result == Undefined("no_variance")


def test_every_vector_is_compared_or_of_a_method_that_is_not_offered() -> None:
    """Here or in another file beside this one; ``NOT_BUILT`` names the others."""
    texts = [file.read_text(encoding="utf-8") for file in Path(__file__).parent.glob("test_*.py")]
    unnamed = [name for name in vectors() if not any(f'"{name}"' in text for text in texts)]
    assert unnamed == []
    assert vectors().keys() >= NOT_BUILT.keys()
