select cast(coalesce(sum(total_uncompressed_size), 0) as bigint) as size_bytes
from parquet_metadata({{ location | lit }})
