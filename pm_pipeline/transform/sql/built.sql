-- All columns: a database of an older version may have others, and then it matches nothing.
select * from definitions.built
