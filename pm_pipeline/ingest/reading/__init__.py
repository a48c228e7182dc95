"""Files of any format to staged records.

Belongs here: decompression, splitting into records, column maps, times, the verdict on each
record. Does not belong here: duplicates, the lake, the ledger.
"""
