"""Poisons of gate B for the tables of the life cycle, and what the checks must then observe.

Belongs here: the smallest harm that breaks one rule. Does not belong here: running the gate.
"""

from __future__ import annotations

LIFECYCLE: dict[str, tuple[str, str]] = {
    "user_stages_cover_active_users": (
        """
        delete from lifecycle.user_stages where user_id = 'user-1';
        insert into lifecycle.user_stages values ('user-2', 'new'), ('nobody', 'dormant')
        """,
        "3 users without one stage",
    ),
    # One of the new of the first week is lost, one of the current stays twice.
    "user_stage_flows_balance": (
        """
        update lifecycle.user_stage_flows set users_count = 2
        where from_stage = 'new' and to_stage = 'dormant';
        update lifecycle.user_stage_flows set users_count = 6 where from_stage = 'current'
        """,
        "3 stages and weeks do not balance, first 2026-02-02",
    ),
}
