select run_id, as_of, definitions_sha256, code_sha256 from definitions.built
