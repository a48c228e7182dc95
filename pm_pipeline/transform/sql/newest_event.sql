select max(last_event_at) from lake_files where kind = 'events' and unlisted_at is null
