"""``product.yml`` as typed models: one file per group of sections, ``root.py`` puts them together.

Belongs here: which keys there are, what each one means, what it may hold, what it holds when left
out, and whether this version carries it out. Does not belong here: reading files, SQL.
"""

from __future__ import annotations

from pm_pipeline.product.models.root import Product
from pm_pipeline.product.models.source import ColumnMap, Source, TextColumn, TimeColumn

__all__ = ["ColumnMap", "Product", "Source", "TextColumn", "TimeColumn"]
