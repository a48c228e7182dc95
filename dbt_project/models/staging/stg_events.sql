{{ lake_events(property_columns()) }}
