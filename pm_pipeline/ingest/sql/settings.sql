set TimeZone = 'UTC';
set memory_limit = {{ memory_limit | lit }};
set temp_directory = {{ temp_directory | lit }};
set preserve_insertion_order = false;
set enable_progress_bar = false;
set autoinstall_known_extensions = false;
