select run_id, as_of, base_sha256, code_sha256 from definitions.built
