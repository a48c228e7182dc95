"""The same tables by other engines, from the same events: what each costs, and that all agree.

Belongs here: a way per engine, the comparison of results and costs. Does not belong here: what the
pipeline costs by itself (``benchmarks``). The engines are no dependency of anything else.
"""
