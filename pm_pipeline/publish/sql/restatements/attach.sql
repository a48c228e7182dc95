attach {{ path | lit }} as previous (read_only)
