"""The gates between the rooms: what must hold before the next room may start.

Belongs here: one module a gate, the registry of all checks, their settings and their results. Does
not belong here: rules that dbt tests own (keys, relationships, accepted values of one model), and
what Dagster makes of a result (``assets.py``).
"""
