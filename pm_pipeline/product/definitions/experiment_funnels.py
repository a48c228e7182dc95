"""Funnels that experiments follow their units through.

Belongs here: which funnel is followed in which experiment, and its name there: a funnel like any
other, over the events of a unit's metric window alone. Does not belong here: what reaching a step
means (``funnels.py`` and its models).
"""

from __future__ import annotations

from dataclasses import dataclass

from pm_pipeline.product.models import Product
from pm_pipeline.product.models.experiment import Experiment
from pm_pipeline.product.models.funnel import Funnel

EXPOSURE = {
    "unit", "exposure", "variants", "phases", "start", "end", "metric_window",
}  # fmt: skip
"""What decides which events of which units a followed funnel sees."""


@dataclass(frozen=True)
class NamedFunnel:
    """A funnel, and the experiment that follows its units through it, if one does."""

    name: str
    funnel: Funnel
    experiment_name: str | None = None
    experiment: Experiment | None = None

    @property
    def seen(self) -> str | None:
        """Return all that limits its events, so that a change of it is noticed."""
        if self.experiment is None:
            return None
        return self.experiment.model_dump_json(include=EXPOSURE)


def name_in(experiment: str, funnel: str) -> str:
    """Return the name of a funnel as followed in an experiment; no definition can have it."""
    return f"{funnel} in {experiment}"


def all_funnels(product: Product) -> list[NamedFunnel]:
    """Return the funnels of ``product.yml`` by name, and after them those that are followed."""
    found = [NamedFunnel(name, funnel) for name, funnel in sorted(product.funnels.items())]
    for name, experiment in sorted(product.experiments.items()):
        metrics = (product.metrics[metric] for metric in experiment.metrics.names)
        for funnel in sorted({metric.funnel for metric in metrics if metric.funnel is not None}):
            found.append(
                NamedFunnel(name_in(name, funnel), product.funnels[funnel], name, experiment)
            )
    return found
