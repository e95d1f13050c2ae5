"""Dated facts as TOML with their source."""
