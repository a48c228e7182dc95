insert into definitions.built_days values (?, ?)
