insert into definitions.windows values (?, ?, ?)
