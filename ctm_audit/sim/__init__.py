"""Simulated tenants that export what real ones would."""
