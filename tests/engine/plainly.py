"""What a pair is, computed the slow and obvious way: one loop a question, over plain rows.

A cell that is None was not seen. An answer is None as soon as what was not seen could change it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ctm_audit.reference import load_reference
from tests.engine.tenants import DELIVERY, TARGET_TENANT, Evidence, Row

KNOWN_PLANS = load_reference().known_plans
SYNCED = {"synced", "incrementalsyncing", "incrementalsynced", "completionsynced"}
AT_REST = {
    "completed",
    "completedwithwarnings",
    "failed",
    "incrementalfailed",
    "completionfailed",
    "corrupted",
    "stopped",
    "incrementalstopped",
}


class Plainly:
    """Answers about the pairs of one piece of evidence. A pair is (source key, target key, planned UPN), all folded."""

    def __init__(self, evidence: Evidence, pairs: list[tuple[str, str, str]]) -> None:
        self.evidence = evidence
        self.pairs = pairs
        self.has_ids = any("@" not in source or "@" not in target for source, target, _ in pairs)

    def rows(self, place: str) -> list[Row]:
        return [dict.fromkeys(self.evidence.columns(place)) | row for row in self.evidence.rows.get(place, ())]

    def complete(self, place: str) -> bool:
        return place not in self.evidence.incomplete

    # Whom a key names.

    def named(self, side: str, key: str) -> set[str]:
        """The ids of all objects that answer to the key."""
        found = set()
        for cells, owner in self.mailbox_names() if side == "source" else self.target_names():
            if key and key in [cell for cell in cells if cell] and owner:
                found.add(owner)
        return found

    def mailbox_names(self) -> Iterable[tuple[list[Any], str]]:
        for row in self.rows("source.mailboxes"):
            ids = [row["object_id"], row["exchange_guid"]] if self.has_ids else []
            yield [row["upn"], row["primary_smtp"], *ids], row["object_id"]

    def target_names(self) -> Iterable[tuple[list[Any], str]]:
        ids = self.has_ids
        for row in self.rows("target.mail_users"):
            yield [row["upn"], row["primary_smtp"], *([row["object_id"]] if ids else [])], row["object_id"]
        for row in self.rows("target.recipients"):
            yield [row["primary_smtp"]], row["guid"] if row["object_id"] == "" else row["object_id"]
            yield [row["object_id"]] if ids else [], row["object_id"]
        for row in self.rows("target.users"):
            yield [row["upn"], *([row["object_id"]] if ids else [])], row["object_id"]

    def is_sure(self, side: str, key: str) -> bool:
        """True when the key can be none of the names that are unknown: somebody bears it in the same way, and no two may."""
        places = ["source.mailboxes"] if side == "source" else ["target.mail_users", "target.recipients", "target.users"]
        ways = self.ways_to_name_a_mailbox() if side == "source" else self.ways_to_name_a_target()
        return all(map(self.complete, places)) and all(self.is_none_of(key, *way) for way in ways)

    def is_none_of(self, key: str, cells: list[tuple[Any, bool]], of_addresses: bool | None, also: list[str]) -> bool:
        """Whether the key is surely none of the unknown cells; each cell stands with whether its object shares names with nobody."""
        unknown = [is_unique for cell, is_unique in cells if cell is None]
        if not unknown or (of_addresses is not None and of_addresses != ("@" in key)):
            return True
        return all(unknown) and key in [*(cell for cell, _ in cells), *also]

    def ways_to_name_a_mailbox(self) -> list[tuple[list[tuple[Any, bool]], bool | None, list[str]]]:
        rows = [(row, row.get("is_inactive") is False and row.get("is_soft_deleted") is False) for row in self.rows("source.mailboxes")]
        proxies = [address for row, _ in rows for address in row["smtp"] or []]
        return [
            ([(row["upn"], active) for row, active in rows], True, []),
            ([(row["primary_smtp"], active) for row, active in rows], True, proxies),
            ([(row["exchange_guid"], active) for row, active in rows], False, []),
        ]

    def ways_to_name_a_target(self) -> list[tuple[list[tuple[Any, bool]], bool | None, list[str]]]:
        users, recipients = self.rows("target.mail_users"), self.rows("target.recipients")
        return [
            ([(row["upn"], True) for row in (*users, *self.rows("target.users"))], True, []),
            ([(row["primary_smtp"], True) for row in (*users, *recipients)], True, [one for row in users for one in row["smtp"] or []]),
            ([(row["object_id"], False) for row in recipients], None, []),
        ]

    def hits(self, side: str, key: str) -> int | None:
        found = len(self.named(side, key))
        return found if found > 1 or self.is_sure(side, key) else None

    def found(self, side: str, key: str) -> bool | None:
        if self.named(side, key):
            return True
        return False if self.is_sure(side, key) else None

    def the_one(self, side: str, key: str) -> str | None:
        found = self.named(side, key)
        return found.pop() if len(found) == 1 else None

    def row_of(self, place: str, column: str, value: str | None) -> Row | None:
        return next((row for row in self.rows(place) if value and row[column] == value), None)

    def mailbox(self, key: str) -> Row | None:
        return self.row_of("source.mailboxes", "object_id", self.the_one("source", key))

    def mail_user(self, key: str) -> Row | None:
        return self.row_of("target.mail_users", "object_id", self.the_one("target", key))

    def recipients(self, key: str) -> list[Row]:
        one = self.the_one("target", key)
        return [
            row for row in self.rows("target.recipients") if one and (row["guid"] if row["object_id"] == "" else row["object_id"]) == one
        ]

    def recipient(self, key: str, column: str) -> str | None:
        """'' for an object that is surely no recipient; None for one that stands there twice."""
        found = self.recipients(key)
        if found:
            return found[0][column] if len(found) == 1 else None
        return "" if self.the_one("target", key) and self.is_sure("target", key) else None

    def mapped(self, side: str, key: str) -> int | None:
        """How many rows of the mapping name the object that the key names."""
        if not self.named(side, key):
            return 0 if self.is_sure(side, key) else None
        one = self.the_one(side, key)
        keys = [source if side == "source" else target for source, target, _ in self.pairs]
        return sum(self.the_one(side, other) == one for other in keys) if one else None

    # Batches and stage.

    def migrations(self, side: str, source: str, target: str) -> list[Row]:
        """The migration users of a side that name the pair by an address or the ExchangeGuid."""
        box, user = self.mailbox(source), self.mail_user(target)
        names = {source if side == "source" else target}
        for one in (box,) if side == "source" else (user,):
            names |= {one["upn"], one["primary_smtp"]} if one else set()
        guid = box["exchange_guid"] if box else None
        rows = self.rows(f"{side}.migration_users")
        return [row for row in rows if row["identity"] in names - {None, ""} or (guid and row["mailbox_guid"] == guid)]

    def knows_all_migrations(self, side: str) -> bool:
        rows = self.rows(f"{side}.migration_users")
        return self.complete(f"{side}.migration_users") and all(row["mailbox_guid"] is not None for row in rows)

    def batches(self, side: str, source: str, target: str) -> list[str] | None:
        box, user = self.mailbox(source), self.mail_user(target)
        names = [box["exchange_guid"]] if box else []
        names += [box["upn"], box["primary_smtp"]] if box and side == "source" else []
        names += [user["upn"], user["primary_smtp"]] if user and side == "target" else []
        found = self.migrations(side, source, target)
        cells = [row[name] for row in found for name in ("batch", "status")]
        if not self.knows_all_migrations(side) or None in names or None in cells:
            return None
        return sorted({f"{row['batch']} ({row['status']})" for row in found})

    def stage(self, source: str, target: str) -> str | None:
        if len(self.named("source", source)) > 1 or len(self.named("target", target)) > 1:
            return "inconsistent"
        if self.named("source", source):
            return self.stage_of_a_mailbox(source, target)
        if not self.is_sure("source", source):
            return None
        if self.has_moved(source, target):
            return "moved"
        return "inconsistent" if self.complete("source.mail_users") and self.complete("target.mailboxes") else None

    def stage_of_a_mailbox(self, source: str, target: str) -> str | None:
        if not self.named("target", target):
            return "unprepared" if self.is_sure("target", target) else None
        kind = self.recipient(target, "recipient_type_details")
        if kind is None or kind != "MailUser":
            return None if kind is None else "inconsistent"
        states = [row["status"] for row in self.migrations("target", source, target)]
        if any(state is not None and state not in SYNCED | AT_REST for state in states):
            return "moving"
        if None in states or (not states and not self.knows_all_migrations("target")):
            return None
        return "synced" if SYNCED & set(states) else "prepared"

    def has_moved(self, source: str, target: str) -> bool:
        """The source has a MailUser that routes into the delivery domain, the target a mailbox with the same ExchangeGuid."""
        left = [row for row in self.rows("source.mail_users") if source in (row["upn"], row["primary_smtp"], row["object_id"])]
        came = [row for row in self.rows("target.mailboxes") if target in (row["upn"], row["primary_smtp"], row["object_id"])]
        if len(left) != 1 or len(came) != 1:
            return False
        routed = (left[0]["external_address"] or "").rpartition("@")[2] == DELIVERY
        return routed and bool(left[0]["exchange_guid"]) and left[0]["exchange_guid"] == came[0]["exchange_guid"]

    # What belongs to a person.

    def plans(self, side: str, key: str, column: str) -> list[str] | None:
        one = self.the_one(side, key)
        if not one or not self.complete(f"{side}.license_details"):
            return None
        lists = [row[column] for row in self.rows(f"{side}.license_details") if row["user_id"] == one]
        if None in lists:
            return None
        known = KNOWN_PLANS
        merged = [plan for plans in lists for plan in plans if plan in known]
        return sorted(set(merged)) if len(lists) > 1 else merged

    def size(self, key: str) -> int | None:
        box = self.mailbox(key)
        row = self.row_of("source.mailbox_statistics", "mailbox_guid", box["exchange_guid"] if box else None)
        return row["total_item_size"] if row else None

    def archive_size(self, key: str) -> int | None:
        box = self.mailbox(key)
        if box and box["archive_guid"] == "":
            return 0
        row = self.row_of("source.archive_statistics", "mailbox_guid", box["archive_guid"] if box else None)
        return row["total_item_size"] if row else None

    def unaccepted(self, key: str) -> list[str] | None:
        user = self.mail_user(key)
        domains = self.rows("target.accepted_domains")
        unseen = any(row["match_subdomains"] is None for row in domains) or not self.complete("target.accepted_domains")
        if unseen or user is None or user["smtp"] is None:
            return None
        return [address for address in user["smtp"] if not accepts(domains, address.split("@")[-1])]

    def planned_upn(self, target: str, upn: str) -> str | None:
        user = self.mail_user(target)
        if upn or user:
            return upn or (user["upn"] if user else None)
        return target if self.is_sure("target", target) and "@" in target else None

    # The published scope.

    def in_scope(self, key: str) -> bool | None:
        box = self.mailbox(key)
        parts = [self.part_of(scope) for scope in self.scopes()]
        members = {row["object_id"] for part in parts if part for row in self.rows("source.group_members") if row["part"] in part}
        if box and box["object_id"] in members:
            return True
        places = ("organization_relationships", "distribution_groups", "group_members")
        relationships = self.rows("source.organization_relationships")
        if not all(self.complete(f"source.{place}") for place in places) or any(
            row["domain_names"] is None or row["move_scopes"] is None for row in relationships
        ):
            return None
        known = all(part & set(self.evidence.parts) for part in parts)
        return False if known else None

    def scopes(self) -> set[str]:
        relationships = self.rows("source.organization_relationships")
        ours = [row for row in relationships if row["domain_names"] and TARGET_TENANT in row["domain_names"]]
        return {scope for row in ours for scope in row["move_scopes"] or []}

    def part_of(self, scope: str) -> set[str]:
        """The names under which the members of a scope may have been exported; none when two groups could be meant."""
        called = {scope, scope.rpartition("/")[2]}
        bearers = {name: [group for group in self.groups() if name in group] for name in called}
        free = {name for name in called if not bearers[name]}
        groups = {tuple(sorted(group)) for found in bearers.values() for group in found}
        if any(len(found) > 1 for found in bearers.values()) or len(groups) != 1:
            return free
        (group,) = groups
        return free | {name for name in group if sum(name in other for other in self.groups()) == 1}

    def groups(self) -> list[set[str]]:
        names = ("name", "alias", "primary_smtp", "object_id", "guid")
        return [{row[name] for name in names if row[name]} for row in self.rows("source.distribution_groups")]


def accepts(domains: list[Row], domain: str) -> bool:
    return any(row["name"] == domain or (row["match_subdomains"] and domain.endswith(f".{row['name']}")) for row in domains)
