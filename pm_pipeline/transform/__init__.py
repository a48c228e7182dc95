"""The room that binds dbt to Dagster: project, translator, run window.

Belongs here: which database a run builds, from which day on, and how dbt is called. Does not
belong here: what a model computes (``dbt_project``).
"""
