"""Pairs, stages and what belongs to them, against slow and obvious loops over random small tenants."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctm_audit.evidence.tables import Side
from tests.engine.plainly import AT_REST, SYNCED, Plainly
from tests.engine.tenants import DELIVERY, PLACES, TARGET_TENANT, Evidence, Row, loaded, mapping_of, relation_rows
from tests.nightly import examples

PEOPLE = 5
IDS = [f"00000000-0000-4000-8000-00000000000{number}" for number in range(PEOPLE)]
GUIDS = [f"10000000-0000-4000-8000-00000000000{number}" for number in range(PEOPLE)]
ADDRESSES = [f"{name}@con.com" for name in "abcd"]
STATES = [min(SYNCED), min(AT_REST), "syncing", "waiting"]
PLANS = ["EXCHANGEONLINE_T2TMBXMOVE", "EXCHANGE_S_ENTERPRISE", "UNHEARD_OF"]
NAMES = ["ctm", "sales", "g1@con.com", GUIDS[0], ""]
X500 = ["/o=a/cn=x", "/o=a/cn=müller", "/o=a b/cn=[y, z]"]
SCOPES = ["ctm", "sales", "con.com/users/ctm", "g1@con.com", "nobody"]


class Tenants:
    """Random rows with few values, so that things coincide; now and then a cell is unknown."""

    def __init__(self, dice: Random, unknown: float) -> None:
        self.dice = dice
        self.unknown = unknown

    def cell(self, *values: Any) -> Any:
        return None if self.dice.random() < self.unknown else self.dice.choice(values)

    def some(self, values: list[str]) -> list[str]:
        return self.dice.sample(values, self.dice.randint(0, min(3, len(values))))

    def keyed(self, keys: list[str], make: Any) -> list[Row]:
        return [make(key) for key in self.dice.sample(keys, self.dice.randint(0, len(keys)))]

    def account(self, object_id: str) -> Row:
        place = IDS.index(object_id)
        mine = [ADDRESSES[place % len(ADDRESSES)]] * 20
        return {
            "object_id": object_id,
            "upn": self.cell(*mine, *ADDRESSES, ""),
            "primary_smtp": self.cell(*mine, *ADDRESSES, ""),
            "exchange_guid": self.cell(*[GUIDS[place]] * 20, *GUIDS, ""),
            "archive_guid": self.cell(GUIDS[place - 1], ""),
            "external_address": self.cell(f"x@{DELIVERY}", "x@elsewhere.com", "x"),
            "recipient_type_details": self.cell("UserMailbox", "SharedMailbox"),
            "is_inactive": self.cell(*[False] * 9, True),
            "is_soft_deleted": self.cell(False),
            "smtp": self.cell(self.some(["a@fab.com", "a@eu.fab.com", "a@xfab.com", "noat", '"x@y"@fab.com', "b@con.com"])),
            "capabilities": self.cell([], ["exchanget2tmbxmove"]),
            "x500": self.cell(self.some(X500)),
            "legacy_exchange_dn_key": self.cell(*X500),
        }

    def recipient(self, guid: str) -> Row:
        place = GUIDS.index(guid)
        return {
            "guid": guid,
            "object_id": self.cell(*[IDS[place]] * 20, *IDS[:2], ""),
            "primary_smtp": self.cell(*[ADDRESSES[place % len(ADDRESSES)]] * 20, *ADDRESSES, ""),
            "recipient_type": self.cell("MailUser", "MailContact"),
            "recipient_type_details": self.cell(*["MailUser"] * 4, "GuestMailUser"),
            "exchange_guid": self.cell(*GUIDS, ""),
            "archive_guid": self.cell(*GUIDS, ""),
            "smtp": self.cell(self.some(["a@fab.com", "b@con.com", "noat"])),
            "x500": self.cell(self.some(X500)),
            "external_address": self.cell("a@fab.com", "", "b@con.com"),
        }

    def migration_user(self, identity: str) -> Row:
        return {
            "identity": identity,
            "mailbox_guid": self.cell(*GUIDS, "", "", ""),
            "batch": self.cell("B1", "B2"),
            "status": self.cell(*STATES),
        }

    def licenses(self) -> list[Row]:
        return [
            {"user_id": user, "sku_id": sku, "success_plans": self.cell(self.some(PLANS)), "live_plans": self.cell(self.some(PLANS))}
            for user in IDS
            for sku in self.some(["s1", "s2"])
        ]

    def group(self, guid: str) -> Row:
        own = [NAMES[GUIDS.index(guid)]] * 4
        names = {name: self.cell(*own, *NAMES) for name in ("name", "alias", "primary_smtp")}
        return {"guid": guid, "object_id": self.cell(*IDS), **names}

    def relationship(self, name: str) -> Row:
        return {"name": name, "domain_names": self.cell([TARGET_TENANT], ["x.com"]), "move_scopes": self.cell(["ctm"], self.some(SCOPES))}

    def statistics(self, guid: str) -> Row:
        return {"mailbox_guid": guid, "total_item_size": self.cell(1, 2, 3)}

    def domain(self, name: str) -> Row:
        return {"name": name, "match_subdomains": self.cell(True, False)}

    def evidence(self) -> Evidence:
        parts = tuple(self.some(["ctm", "sales", "g1@con.com", GUIDS[0], "nobody"]))
        rows: dict[str, list[Row]] = {
            "source.mailboxes": self.keyed(IDS, self.account),
            "source.mail_users": self.keyed(IDS, self.account),
            "target.mailboxes": self.keyed(IDS, self.account),
            "target.mail_users": self.keyed(IDS, self.account),
            "target.users": self.keyed(
                IDS, lambda user: {"object_id": user, "upn": self.cell(*[ADDRESSES[IDS.index(user) % 4]] * 20, *ADDRESSES)}
            ),
            "target.recipients": self.keyed(GUIDS, self.recipient),
            "source.license_details": self.licenses(),
            "target.license_details": self.licenses(),
            "source.migration_users": self.keyed(ADDRESSES, self.migration_user),
            "target.migration_users": self.keyed(ADDRESSES, self.migration_user),
            "source.organization_relationships": self.keyed(["r1", "r2"], self.relationship),
            "source.distribution_groups": self.keyed(GUIDS[:3], self.group),
            "source.group_members": [{"part": part, "object_id": one} for part in parts for one in (*IDS[:3], *self.some(IDS[3:]))],
            "source.mailbox_statistics": self.keyed(GUIDS, self.statistics),
            "source.archive_statistics": self.keyed(GUIDS, self.statistics),
            "target.accepted_domains": self.keyed(["fab.com", "con.com"], self.domain),
        }
        cut = [place for place in PLACES if self.dice.random() < self.unknown]
        return Evidence(rows, incomplete=frozenset(cut), parts=parts)

    def pairs(self) -> list[tuple[str, str, str, str]]:
        """Keys as people write them: in any letter case, addresses mostly, now and then an id, now and then the wrong person's."""
        sources, targets = ([*ADDRESSES, *(self.some([*IDS, *GUIDS]) if self.dice.random() < 0.4 else [])] for _ in range(2))
        if self.dice.random() < 0.3:
            self.dice.shuffle(targets)
        return [
            (self.dice.choice([source, source.upper()]), target, "", self.dice.choice(["", "", "planned@fab.com"]))
            for source, target in zip(sources, targets, strict=False)
        ]


def expected(plainly: Plainly) -> list[dict[str, Any]]:
    return [_expected(plainly, *pair) for pair in plainly.pairs]


def _expected(plainly: Plainly, source: str, target: str, upn: str) -> dict[str, Any]:
    box, user = plainly.mailbox(source), plainly.mail_user(target)
    sides: tuple[tuple[Side, str], ...] = (("source", source), ("target", target))
    planned = plainly.planned_upn(target, upn)
    return {
        **{f"{side}.found": plainly.found(side, key) for side, key in sides},
        **{f"{side}.hits": plainly.hits(side, key) for side, key in sides},
        **{f"{side}.rows": plainly.mapped(side, key) for side, key in sides},
        **{f"{side}.batches": plainly.batches(side, source, target) for side, _ in sides},
        **{f"{side}.success_plans": plainly.plans(side, key, "success_plans") for side, key in sides},
        "stage": plainly.stage(source, target),
        "source.upn": box and box["upn"],
        "source.archive_guid": box and box["archive_guid"],
        "source.total_item_size": plainly.size(source),
        "source.archive_total_item_size": plainly.archive_size(source),
        "source.in_scope": plainly.in_scope(source),
        "target.upn": user and user["upn"],
        "target.live_plans": plainly.plans("target", target, "live_plans"),
        "target.recipient_type": plainly.recipient(target, "recipient_type"),
        "target.recipient_type_details": plainly.recipient(target, "recipient_type_details"),
        "target.unaccepted_smtp": plainly.unaccepted(target),
        "plan.upn": planned,
        "plan.upn_domain": planned and planned.rpartition("@")[2],
    }


def compare(seed: int, unknown: float) -> None:
    tenants = Tenants(Random(seed), unknown)
    evidence, pairs = tenants.evidence(), tenants.pairs()
    plainly = Plainly(evidence, [(source.casefold(), target, upn) for source, target, _, upn in pairs])
    with loaded(evidence, mapping_of(pairs)) as connection:
        rows = relation_rows(connection, "pairs")
    assert [row["row_no"] for row in rows] == list(range(1, len(pairs) + 1))
    for row, wanted in zip(rows, expected(plainly), strict=True):
        assert {name: row[name] for name in wanted} == wanted


@given(st.integers(0, 1_000_000))
@settings(max_examples=6)
def test_pairs_are_what_a_plain_loop_says(seed: int) -> None:
    compare(seed, unknown=0.0)


@given(st.integers(0, 1_000_000), st.sampled_from([0.02, 0.1]))
@settings(max_examples=6)
def test_pairs_are_unknown_where_a_plain_loop_does_not_know(seed: int, unknown: float) -> None:
    compare(seed, unknown)


@pytest.mark.slow
@given(st.integers(0, 1_000_000_000), st.sampled_from([0.0, 0.01, 0.05, 0.2]))
@settings(max_examples=examples(60, 300))
def test_many_more_pairs(seed: int, unknown: float) -> None:
    compare(seed, unknown)
