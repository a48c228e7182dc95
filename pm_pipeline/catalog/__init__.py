"""What the catalog adds to a table: pictures, last result, for whom it is, how old it may grow.

Belongs here: which table has which picture, its query and its drawing. Does not belong here: the
report's pages, or any number that no table holds.
"""

from pm_pipeline.catalog.readers import for_readers
from pm_pipeline.catalog.shown import shown

__all__ = ["for_readers", "shown"]
