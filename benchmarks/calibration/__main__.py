"""The command ``python -m benchmarks.calibration``, which ``make calibrate`` calls.

Belongs here: its flags, the promises and the table. Does not belong here: drawing and reading.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

import click
from rich.console import Console
from rich.table import Table

from benchmarks.calibration.designs import DESIGNS, Design
from benchmarks.calibration.trials import Counts, run_trials
from benchmarks.calibration.verdicts import MARGIN, Truth, count_outcomes

SEED = 20260101
TRIALS = 2_000
EXPERIMENTS = 500
EFFECT = 0.05
"""Of the trials with an effect, in standard deviations."""
NULLS = Truth("nulls", 20_000)
BROKEN = Truth("48 / 52", 20_000, control_share=0.48)
HARMED = Truth("harmed guardrail", 20_000, harm=2 * MARGIN, gain=0.1)


@dataclass(frozen=True)
class Promise:
    """A share that must lie between two bounds."""

    what: str
    observed: float
    least: float = 0.0
    most: float = 1.0

    @property
    def holds(self) -> bool:
        """Whether it does."""
        return self.least <= self.observed <= self.most


def null_promises(design: Design, trials: int) -> list[Promise]:
    """Check error rates and coverage where there is no effect, plain and by CUPED."""
    both = (False, True)
    counts = run_trials(design, trials, effect_in_spreads=0.0, seed=SEED, adjusted=both)
    return [
        promise
        for each, use_covariate in zip(counts, both, strict=True)
        for promise in _null_promises(design, each, use_covariate=use_covariate)
    ]


def _null_promises(design: Design, counts: Counts, *, use_covariate: bool) -> list[Promise]:
    name = f"{design.name}{', cuped' if use_covariate else ''}: "
    share = 1 / counts.trials
    found = [
        Promise(name + "fixed rejects", counts.fixed_rejects * share, 69 / 2000, 133 / 2000),
        Promise(name + "looks reject", counts.grouped_rejects * share, 69 / 2000, 133 / 2000),
        Promise(
            name + "sequence ever rejects",
            counts.sequence_rejects * share,
            5 / 2000 if design.name == "normal" else 0.0,
            131 / 2000,
        ),
        Promise(name + "interval covers", counts.fixed_covers * share, 1867 / 2000, 1931 / 2000),
        Promise(name + "sequence covers all days", counts.sequence_covers * share, 1869 / 2000),
    ]
    if use_covariate:
        found.append(Promise(name + "variance taken off", counts.reduction, 0.34, 0.38))
    return found


def power_promises(trials: int) -> list[Promise]:
    """Check how often a real effect is found."""
    (counts,) = run_trials(
        DESIGNS[0], trials, effect_in_spreads=EFFECT, seed=SEED + 1, adjusted=[False]
    )
    share = 1 / trials
    return [
        Promise("effect: fixed finds it", counts.fixed_rejects * share, 0.884),
        Promise("effect: looks find it", counts.grouped_rejects * share, 0.876),
        Promise("effect: sequence finds it", counts.sequence_rejects * share, 0.632),
        Promise("effect: interval covers it", counts.fixed_covers * share, 1867 / 2000),
        Promise("effect: sequence covers it", counts.sequence_covers * share, 1869 / 2000),
    ]


def decision_promises(experiments: int) -> list[Promise]:
    """Check whole decisions."""
    share = 1 / experiments
    nulls, broken, harmed = (
        count_outcomes(truth, experiments, SEED) for truth in (NULLS, BROKEN, HARMED)
    )
    return [
        Promise("nulls: shipped", nulls["ship"] * share, most=25 / 500),
        Promise("nulls: invalid", nulls["invalid"] * share, most=13 / 500),
        Promise("48 / 52: invalid", broken["invalid"] * share, least=450 / 500),
        Promise("harmed guardrail: shipped", harmed["ship"] * share, most=2 / 500),
    ]


@click.command()
@click.option("--trials", type=click.IntRange(min=1), default=TRIALS, show_default=True)
@click.option("--experiments", type=click.IntRange(min=1), default=EXPERIMENTS, show_default=True)
@click.option("--design", "names", multiple=True, type=click.Choice([one.name for one in DESIGNS]))
def main(trials: int, experiments: int, names: tuple[str, ...]) -> None:
    """Simulate experiments and check the promises of their statistics; 1 when one is broken."""
    console = Console(highlight=False)
    promises = decision_promises(experiments)
    for design in DESIGNS:
        if names and design.name not in names:
            continue
        console.print(f"[dim]{design.name} ...[/dim]")
        promises += null_promises(design, trials)
    promises += power_promises(trials)
    table = Table("promise", "observed", "at least", "at most", "holds")
    for one in promises:
        table.add_row(
            one.what, f"{one.observed:.4f}", f"{one.least:.4f}", f"{one.most:.4f}",
            "yes" if one.holds else "[bold red]NO[/bold red]",
        )  # fmt: skip
    console.print(table)
    if trials < TRIALS or experiments < EXPERIMENTS:
        console.print(
            f"The bounds are those of {TRIALS:,} trials and {EXPERIMENTS} experiments: with fewer, "
            "chance alone breaks some."
        )
    sys.exit(0 if all(one.holds for one in promises) else 1)


if __name__ == "__main__":
    main()
