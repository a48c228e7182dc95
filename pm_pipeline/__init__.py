"""pm_pipeline: raw product events in, an audited DuckDB warehouse out.

Rooms, in the order data flows through them: ``product`` (the definitions), ``ingest``,
``transform`` (dbt), ``checks`` (the gates between rooms) and ``publish``.
"""

__version__ = "0.1.0"
