select kind, name, sha256 from definitions.built_definitions
