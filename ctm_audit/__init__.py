"""Validation, pre-flight audit and gated execution of Microsoft 365 tenant-to-tenant mailbox migrations."""

__version__ = "0.1.0"
