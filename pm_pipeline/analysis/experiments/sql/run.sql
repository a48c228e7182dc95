-- The instant before which events count (UTC), and the zone whose days are counted.
select run.as_of, product.timezone
from definitions.run as run, definitions.product as product
