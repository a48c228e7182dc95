"""The room where numbers are reasoned over: experiments, life cycle, goals.

Belongs here: pure functions from aggregates to typed results. Does not belong here: events, users,
a database, and thresholds outside a settings module.
"""
