insert into definitions.built values (?, ?, ?, ?)
