select kind, name, sha256 from state.publication_definitions where run_id = $run_id
