"""Exported files: bytes to objects. Readers know formats, not meanings."""
