"""From bundles and a rule book to a run: relations in DuckDB, judging, gates, readiness."""
