"""The parts of the report page: figures read, charts described, words chosen, one file rendered.

Belongs here: everything that only the report needs. Does not belong here: computing a metric;
each figure stands in a published table already.
"""
