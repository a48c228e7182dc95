"""Ingest: landing files of any format to the lake, with a ledger of every file.

Belongs here: formats to canonical records, the verdict on each record, duplicates, the lake's
files, the ledger. Does not belong here: aggregates, cleaning beyond the contract, dagster.
"""

from pm_pipeline.ingest.discovery import UnreadFile, landing_fingerprint
from pm_pipeline.ingest.errors import IngestError
from pm_pipeline.ingest.ledger import RecordTotals
from pm_pipeline.ingest.rules import ColumnRule, IngestRules, SourceRules, ingest_rules
from pm_pipeline.ingest.run import IngestSummary, ingest

__all__ = [
    "ColumnRule",
    "IngestError",
    "IngestRules",
    "IngestSummary",
    "RecordTotals",
    "SourceRules",
    "UnreadFile",
    "ingest",
    "ingest_rules",
    "landing_fingerprint",
]
