"""Dated facts as TOML with their source: what Microsoft sells and runs changes, so it is data and never code."""

from __future__ import annotations

from ctm_audit.reference.facts import FactsFile, Reference, ServiceError
from ctm_audit.reference.load import known_errors, load_reference

__all__ = ["FactsFile", "Reference", "ServiceError", "known_errors", "load_reference"]
