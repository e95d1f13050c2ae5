"""The rule book: load, check and digest rules/*.toml; the rule language; cases and the unknown probe."""
