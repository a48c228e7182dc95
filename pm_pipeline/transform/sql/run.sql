select as_of, lake_restate_from, carried_restate_from from definitions.run where run_id = ?
