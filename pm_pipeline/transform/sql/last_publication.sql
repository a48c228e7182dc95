select
    publications.ledger_version = ledger_version.ledger_version as is_same_lake,
    publications.as_of,
    publications.definitions_sha256,
    publications.code_sha256
from publications, ledger_version
order by publications.published_at desc
limit 1
