"""The room that makes an audited warehouse visible: the snapshot and the report.

Belongs here: copying, history tables, the report's pictures. Does not belong here: computing a
metric, or deciding whether one is significant.
"""
