select 1 from {{ table | ident }} limit 1
