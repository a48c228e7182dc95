insert into definitions.built_definitions values (?, ?, ?)
