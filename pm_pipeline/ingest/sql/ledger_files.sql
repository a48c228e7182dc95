select
    path,
    file_id,
    sha256,
    rules_sha256,
    source_name,
    size_bytes,
    modified_ns,
    judge_again_at,
from files
