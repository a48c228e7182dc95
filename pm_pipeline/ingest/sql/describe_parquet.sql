select
    column_name,
    column_type,
from (describe select * from read_parquet({{ location | lit }}, hive_partitioning = false))
