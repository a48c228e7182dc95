select lake_restate_from from definitions.run where run_id != ?
