"""The room of speed and memory: ``python -m benchmarks`` measures the pipeline against a raw scan.

Belongs here: generated events, measured runs of the real command, and what they cost. Does not
belong here: anything the pipeline imports, and limits that a test would enforce: the numbers of a
shared machine vary too much for that.
"""
