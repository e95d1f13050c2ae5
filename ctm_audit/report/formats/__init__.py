"""A run in the formats that other people and programs read, made of the run record alone."""

from collections.abc import Mapping
from types import MappingProxyType

ENDINGS: Mapping[str, str] = MappingProxyType(
    {
        "html": ".html",
        "json": ".json",
        "csv": ".csv",
        "xlsx": ".xlsx",
        "junit": ".junit.xml",
        "sarif": ".sarif",
        "markdown": ".md",
    }
)
"""The formats, and how the name of a file of each ends."""
