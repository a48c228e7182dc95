insert into definitions.property_columns values (?, ?)
