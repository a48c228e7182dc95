"""One poison for every check of gate B on paths and cohorts, as in ``gate_poisons.py``."""

from __future__ import annotations

PATHS_AND_COHORTS: dict[str, tuple[str, str]] = {
    # One that ends as it begins, one that reaches the next, one for good before the next.
    "cohort_intervals_apart": (
        """
        update core.cohort_memberships set left_at = entered_at
        where cohort_name = 'begun' and user_id = 'user-1'
        and left_at = entered_at + interval 1 hour;
        update core.cohort_memberships set left_at = left_at + interval 3 hours
        where cohort_name = 'begun' and user_id = 'user-2'
        and left_at = entered_at + interval 2 hours;
        insert into core.cohort_memberships
        select cohort_name, user_id, entered_at + interval 1 day, null
        from core.cohort_memberships where cohort_name = 'opened' and user_id = 'user-3'
        """,
        "3 intervals of 3 users",
    ),
    "cohort_members_known": (
        """
        update core.cohort_memberships set user_id = 'nobody'
        where cohort_name = 'opened' and user_id = 'user-1';
        update core.cohort_memberships set entered_at = entered_at - interval 1 second
        where cohort_name = 'opened' and user_id = 'user-2';
        update core.cohort_memberships set entered_at = timestamp '2026-02-15 23:00:00'
        where cohort_name = 'opened' and user_id = 'user-3';
        update core.cohort_memberships set left_at = timestamp '2026-02-15 23:00:00'
        where cohort_name = 'opened' and user_id = 'user-4'
        """,
        "4 memberships of 1 cohorts",
    ),
    # One step more for one path; a lost step, which leaves the one before it without a next.
    "path_steps_add_up": (
        """
        update engagement.path_edges set transitions_count = transitions_count + 1
        where path_name = 'after_opened' and step_index = 2 and period_start = date '2026-02-02';
        delete from engagement.path_edges
        where path_name = 'to_played' and step_index = 3 and period_start = date '2026-02-09'
        """,
        "3 events and steps differ, first on 2026-02-02 in after_opened",
    ),
    # A persona that is too many, a score of other counts, one of too few answers.
    "survey_scores_add_up": (
        """
        update goals.survey_scores set answers_count = answers_count + 1
        where segment_value = 'fan' and period_start = date '2026-03-01';
        update goals.survey_scores set score = score + 1
        where segment_value = 'current' and period_start = date '2026-02-01';
        update goals.survey_scores set score = 5, score_low = 1, score_high = 9
        where segment_value = 'lyrics' and period_start = date '2026-03-01'
        """,
        "3 scores or sums of them are wrong",
    ),
    "path_users_within_bounds": (
        """
        update engagement.path_edges set users_count = transitions_count + 1
        where path_name = 'visits' and step_index = 2 and period_start = date '2026-02-02';
        update engagement.path_edges set users_count = 0
        where path_name = 'visits' and step_index = 1 and period_start = date '2026-02-09';
        update engagement.path_edges set path_users = users_count - 1
        where path_name = 'visits' and step_index = 2 and period_start = date '2026-02-09'
        """,
        "3 rows, first on 2026-02-02",
    ),
    "paths_begin_at_every_event": (
        """
        update engagement.path_edges set transitions_count = transitions_count + 1
        where path_name in ('to_played', 'visits', 'on_ios') and step_index = 1
        and period_start = date '2026-02-02';
        insert into engagement.path_edges
        select 'rare', period_start, 1, '(start)', 'never', 1, 1, 1
        from engagement.path_edges where path_name = 'visits' and step_index = 1 limit 1
        """,
        "3 paths differ, first rare",
    ),
}
