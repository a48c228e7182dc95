"""In which stage of its life is the product, and each of its features?

Belongs here: slopes, season, stages, the advice in decline, and the asset around them. Does not
belong here: stages of users, which are counted (``dbt_project/models/marts/lifecycle``).
"""
