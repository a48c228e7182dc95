"""How far are the goals?

Belongs here: values over periods, projections and statuses of goals, and the asset around them.
Does not belong here: what a metric counts (``dbt_project/models/marts/goals``).
"""
