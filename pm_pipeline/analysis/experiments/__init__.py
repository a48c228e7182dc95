"""Experiments: from sufficient statistics to results, health and a decision.

Belongs here: what others may use of this folder. Does not belong here: anything else.
"""

from pm_pipeline.analysis.experiments.boundaries import Looks
from pm_pipeline.analysis.experiments.comparisons import Comparison, Undefined, compare
from pm_pipeline.analysis.experiments.decisions import METHOD_VERSION
from pm_pipeline.analysis.experiments.experiment import Decision, Facts, decide_experiment
from pm_pipeline.analysis.experiments.families import adjusted
from pm_pipeline.analysis.experiments.health import Health
from pm_pipeline.analysis.experiments.looks import Reached, reached_looks
from pm_pipeline.analysis.experiments.moments import Moments, merged
from pm_pipeline.analysis.experiments.plans import Effect, Metric, Plan, Reading
from pm_pipeline.analysis.experiments.readout import Readout, SliceTest, read_out
from pm_pipeline.analysis.experiments.results import Result, Slice, SliceKey
from pm_pipeline.analysis.experiments.sample_ratio import PhaseCounts
from pm_pipeline.analysis.experiments.settings import DEFAULTS, Settings
from pm_pipeline.analysis.experiments.sizing import Demand, Size, size_experiment
from pm_pipeline.analysis.experiments.timeline import DayState, TimelineRow, timeline

__all__ = [
    "DEFAULTS",
    "METHOD_VERSION",
    "Comparison",
    "DayState",
    "Decision",
    "Demand",
    "Effect",
    "Facts",
    "Health",
    "Looks",
    "Metric",
    "Moments",
    "PhaseCounts",
    "Plan",
    "Reached",
    "Reading",
    "Readout",
    "Result",
    "Settings",
    "Size",
    "Slice",
    "SliceKey",
    "SliceTest",
    "TimelineRow",
    "Undefined",
    "adjusted",
    "compare",
    "decide_experiment",
    "merged",
    "reached_looks",
    "read_out",
    "size_experiment",
    "timeline",
]
