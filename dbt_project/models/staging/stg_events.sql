{{ lake_events() }}
