insert into definitions.run values (?, ?, ?, ?, ?)
