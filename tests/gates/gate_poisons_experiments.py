"""One poison for every check of experiments, and what the check must then observe.

Belongs here: what ``gate_poisons.py`` and ``gate_c_poisons.py`` say, of these tables. Does not
belong here: running the gates.
"""

from __future__ import annotations

EXPERIMENTS: dict[str, tuple[str, str]] = {
    # Somebody who is not counted, somebody counted twice, an experiment that counts nobody, and
    # somebody who was never activated.
    "experiment_units_add_up": (
        """
        update experiments.exposures set exclusion_reason = null where unit_id = 'user-9';
        update experiments.exposures set experiment_name = 'quiet'
        where unit_id = 'user-2' and experiment_name = 'songs';
        update experiments.exposures set exclusion_reason = null
        where unit_id = 'user-1' and experiment_name = 'triggered'
        """,
        "12 arms and metrics with other units than exposed, first of quiet",
    ),
    "segments_add_up_in_experiments": (
        """
        update experiments.sufficient_statistics set users_count = users_count + 1
        where segment_value = 'ios' and variant = 'new' and exposure_date = date '2026-01-12'
        """,
        "4 days and arms that do not add up, first of songs",
    ),
}

EXPERIMENT_RESULTS: dict[str, tuple[str, str]] = {
    "every_experiment_is_decided": (
        "update experiments.decisions set action = 'wait' where variant = 'all';"
        """insert into definitions.experiment_plans
        values ('other', '{"arms": [{"name": "a"}, {"name": "b"}], "control": "a"}')""",
        "3 arms without one decision",
    ),
    "invalid_experiments_have_no_verdict": (
        "update experiments.health set status = 'fail' where check_name = 'sample_ratio'",
        "1 arms judged against the health of their experiment",
    ),
    "experiment_intervals_hold_estimates": (
        "update experiments.results set difference_high = difference - 1"
        " where metric_name = 'songs' and segment_name = 'all' and analysis_set = 'default';"
        "update experiments.results set deciding_low = null"
        " where metric_name = 'likes' and segment_name = 'all' and analysis_set = 'default';"
        "update experiments.results set rollout_impact_low = 2, rollout_impact_high = 3,"
        " rollout_impact = 1, eligible_rate = 0.5"
        " where metric_name = 'songs' and segment_name = 'all' and analysis_set = 'first_variant'",
        "3 results outside of an interval",
    ),
    "experiment_results_count_closed_units": (
        "update experiments.results set users_count = users_count + 1"
        " where metric_name = 'songs' and segment_name = 'all'",
        "2 results of other units than counted",
    ),
}
