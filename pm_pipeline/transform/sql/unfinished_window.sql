select restate_from from intermediate.int_run_window where run_id != ?
