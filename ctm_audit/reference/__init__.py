"""Dated facts as TOML with their source: what Microsoft sells and runs changes, so it is data and never code."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def load(name: str) -> dict[str, Any]:
    """The content of one reference file, `licenses` or `clouds`."""
    return tomllib.loads(files(__name__).joinpath(f"{name}.toml").read_text(encoding="utf-8"))


def mailbox_plans() -> tuple[str, ...]:
    """The service plans that give a user a mailbox."""
    return tuple(plan["name"] for plan in load("licenses")["plan"] if plan["mailbox"])


def known_plans() -> list[str]:
    """Every service plan that the reference data says something about."""
    return sorted({migration_plan(), *(plan["name"] for plan in load("licenses")["plan"])})


def migration_plan() -> str:
    """The service plan of the cross-tenant migration license that Exchange checks."""
    return str(load("licenses")["migration"]["exchange_plan"])


def migration_sku() -> str:
    """What the part number of a migration license contains once blanks, dashes and underscores are removed."""
    return str(load("licenses")["migration"]["part_number_contains"])


def exchange_hosts(cloud: str) -> list[str]:
    """Hosts that a migration endpoint of this cloud may name, the documented one first; [] for an unknown cloud."""
    return list(load("clouds")["cloud"].get(cloud, {}).get("exchange_hosts", []))


def clouds() -> tuple[str, ...]:
    """The clouds that a project may name."""
    return tuple(load("clouds")["cloud"])


def dates() -> dict[str, str]:
    """When each reference file was last checked against its source."""
    return {name: str(load(name)["checked"]) for name in ("licenses", "clouds")}
