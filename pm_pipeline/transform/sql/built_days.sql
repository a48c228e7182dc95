select utc_date, digest from definitions.built_days
