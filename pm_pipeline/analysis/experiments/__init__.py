"""Experiments: from sufficient statistics to results, health and a decision.

Belongs here: what others may use of this folder. Does not belong here: anything else.
"""

from pm_pipeline.analysis.experiments.comparisons import Comparison, Undefined, compare
from pm_pipeline.analysis.experiments.families import adjusted
from pm_pipeline.analysis.experiments.moments import Moments, merged
from pm_pipeline.analysis.experiments.plans import Effect, Metric, Plan, Reading
from pm_pipeline.analysis.experiments.settings import DEFAULTS, Settings

__all__ = [
    "DEFAULTS",
    "Comparison",
    "Effect",
    "Metric",
    "Moments",
    "Plan",
    "Reading",
    "Settings",
    "Undefined",
    "adjusted",
    "compare",
    "merged",
]
