"""The errors of ingest that a user can do something about.

Belongs here: exception types. Does not belong here: deciding what is an error.
"""

from __future__ import annotations


class IngestError(Exception):
    """Ingest cannot go on; the message says what is wrong and what cures it."""


class UnreadableFileError(Exception):
    """One file cannot be read as a whole; nothing of it enters, the other files go on."""


class FileChangedError(Exception):
    """A file changed while it was read; it is left for the next run."""
