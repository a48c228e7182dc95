-- The view over the lake becomes a table that needs no other file.
alter view core.events rename to events_view;
create table core.events as select * from core.events_view;
