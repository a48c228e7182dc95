create or replace table content_prefixes (file_number integer, content_prefix varchar);
