"""Normalisers against slow, obviously correct loops, and against everything an export may hold instead of a value."""

from __future__ import annotations

import string
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctm_audit.evidence import normalise as n
from ctm_audit.evidence.tables import TABLES

COLUMNS = {column.normalise: column for table in TABLES.values() for column in table.columns}  # one column for each normaliser
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=8,
)
TYPE_NAMES = [
    "System.String[]",
    "System.Object[]",
    "System.Collections.Generic.List`1[System.String]",
    "System.Collections.Generic.Dictionary`2+KeyCollection[System.String,System.Object]",
    "Microsoft.Exchange.Data.ProxyAddressCollection",
    "Microsoft.Exchange.Data.MultiValuedProperty`1[Microsoft.Exchange.Data.ProxyAddress]",
    "Microsoft.Graph.PowerShell.Models.MicrosoftGraphAssignedPlan",
    "Deserialized.Microsoft.Exchange.Data.Unlimited",
    "System.Object[] System.Object[]",
    "@{IsUnlimited=False; Value=12}",
    "@{a=1} @{b=2}",
]


@given(value=ANY_JSON)
def test_only_the_two_known_exceptions_leave_a_normaliser(value: Any) -> None:
    kinds = {"text": str, "flag": bool, "integer": int, "time": datetime, "texts": list}
    for normalise, column in COLUMNS.items():
        try:
            found = normalise(value)
        except (n.NotCollected, ValueError):
            continue
        assert type(found) is kinds[column.type]


@pytest.mark.parametrize("flattened", TYPE_NAMES)
def test_a_type_name_is_never_a_value(flattened: str) -> None:
    for normalise in COLUMNS:
        with pytest.raises(n.NotCollected):
            normalise(flattened)


@pytest.mark.parametrize(
    "value", ["contoso.com", "X500:/o=Microsoft", "Microsoft Teams users", "user@microsoft.com", "Systems", "@{", "a@{b}"]
)
def test_ordinary_text_is_no_type_name(value: str) -> None:
    assert n.text(value) == value


@pytest.mark.parametrize("value", [1, 1.5, True, ["a"], {"a": 1}])
def test_text_takes_only_text(value: object) -> None:
    with pytest.raises(n.NotCollected):
        n.text(value)


GUID_TEXT = "1a2b3c4d-1a2b-3c4d-5e6f-1a2b3c4d5e6f"


@pytest.mark.parametrize(
    "value", [GUID_TEXT, GUID_TEXT.upper(), f"{{{GUID_TEXT}}}", f"({GUID_TEXT})", GUID_TEXT.replace("-", ""), f" {GUID_TEXT} "]
)
def test_every_form_of_a_guid_is_the_same(value: str) -> None:
    assert n.guid(value) == GUID_TEXT


@pytest.mark.parametrize("value", [None, "", " ", n.ZERO_GUID, f"{{{n.ZERO_GUID}}}", "0" * 32])
def test_no_guid_has_one_form(value: str | None) -> None:
    assert n.guid(value) == ""


@pytest.mark.parametrize("value", ["x", GUID_TEXT[:-1], GUID_TEXT + "0", "1.23E+15", GUID_TEXT.replace("a", "g")])
def test_a_damaged_guid_is_named(value: str) -> None:
    with pytest.raises(ValueError, match="is not a GUID"):
        n.guid(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [(True, True), (False, False), ("True", True), ("false", False), ("$true", True), (" FALSE ", False)],
)
def test_flag(value: object, expected: bool) -> None:
    assert n.flag(value) is expected


@pytest.mark.parametrize("value", [None, "", " ", 1, 0, [], {}])
def test_an_empty_flag_is_not_false(value: object) -> None:
    with pytest.raises(n.NotCollected):
        n.flag(value)


@pytest.mark.parametrize("value", ["yes", "Wahr", "0"])
def test_a_flag_that_makes_no_sense_is_named(value: str) -> None:
    with pytest.raises(ValueError, match="neither true nor false"):
        n.flag(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("12.3 GB (13,207,024,435 bytes)", 13_207_024_435),
        ("12,3 GB (13.207.024.435 Bytes)", 13_207_024_435),
        ("12.3 GB (13\u202f207\u00a0024 435 bytes)", 13_207_024_435),
        ("12.3 GB (13’207’024’435 bytes)", 13_207_024_435),
        ("0 B (0 bytes)", 0),
        ("Unlimited", 0),
        ("13207024435", 13_207_024_435),
        (13_207_024_435, 13_207_024_435),
        ({"IsUnlimited": False, "Value": "99 GB (106,300,440,576 bytes)"}, 106_300_440_576),
        ({"IsUnlimited": True, "Value": None}, 0),
    ],
)
def test_size_reads_the_bytes_and_never_the_rounded_figure(value: object, expected: int) -> None:
    assert n.size(value) == expected
    assert n.is_limited(value) is (value != "Unlimited" and not (isinstance(value, dict) and value["IsUnlimited"]))


@pytest.mark.parametrize("value", ["12.3 GB", "1.2E+10", "-5", "(bytes)", "(" + " " * 100_000 + "x", "9" * 30, 1.5e10, 10**30])
def test_a_size_without_bytes_is_refused_at_once(value: object) -> None:
    with pytest.raises((ValueError, n.NotCollected)):
        n.size(value)


@pytest.mark.parametrize("value", [None, "", {"IsUnlimited": False, "Value": None}])
def test_an_empty_size_is_neither_zero_nor_unlimited(value: object) -> None:
    for normalise in (n.size, n.is_limited):
        with pytest.raises(n.NotCollected):
            normalise(value)


@pytest.mark.parametrize(("value", "expected"), [(5, 5), ("5", 5), (" -7 ", -7), (2**63 - 1, 2**63 - 1)])
def test_integer(value: object, expected: int) -> None:
    assert n.integer(value) == expected


@pytest.mark.parametrize("value", [2**63, "9" * 5000, "1_000", "1,000", "5.0", 5.0, True, "٣"])
def test_an_integer_that_makes_no_sense_is_named(value: object) -> None:
    with pytest.raises(ValueError, match="is not a whole number"):
        n.integer(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("/Date(1776320086000)/", datetime(2026, 4, 16, 6, 14, 46)),
        ("/Date(1776320086000+0200)/", datetime(2026, 4, 16, 6, 14, 46)),
        ("2026-04-16T06:14:46.1234567Z", datetime(2026, 4, 16, 6, 14, 46, 123456)),
        ("2026-04-16T08:14:46+02:00", datetime(2026, 4, 16, 6, 14, 46)),
        ("2026-04-16T06:14:46", datetime(2026, 4, 16, 6, 14, 46)),
        (None, datetime(1970, 1, 1)),
    ],
)
def test_time_is_naive_utc(value: str | None, expected: datetime) -> None:
    assert n.time(value) == expected
    assert n.has_time(value) is (value is not None)


@pytest.mark.parametrize(
    "value", ["/Date(99999999999999999)/", "0001-01-01T00:00:00+14:00", "9999-12-31T23:00:00-14:00", "16.04.2026", "x"]
)
def test_a_time_that_makes_no_sense_is_named(value: str) -> None:
    with pytest.raises(ValueError, match="is not an ISO time"):
        n.time(value)


@pytest.mark.parametrize(
    "value",
    [None, "", "a b", "a;b", "a,b", "a|b", "a\nb", "{a}", [None], ["a", None], {"value": ["a"], "Count": 2}, {"value": "a"}, 5, [5]],
)
def test_a_list_that_was_not_exported_as_one_is_not_collected(value: object) -> None:
    with pytest.raises(n.NotCollected):
        n.texts(value)


@pytest.mark.parametrize(
    ("value", "expected"), [([], []), (["a", "b c", ""], ["a", "b c"]), ("a", ["a"]), ({"value": ["a"], "Count": 1}, ["a"])]
)
def test_texts(value: object, expected: list[str]) -> None:
    assert n.texts(value) == expected


@pytest.mark.parametrize(
    "value", ["Inbound, RemoteOutbound", ["RemoteOutbound", "Inbound"], "RemoteOutbound Inbound", ["INBOUND,remoteoutbound"]]
)
def test_words_are_a_set_in_any_form(value: object) -> None:
    assert n.words(value) == ["inbound", "remoteoutbound"]


def slow_split(proxy: str) -> tuple[str, str]:
    """Scheme and value, one character at a time: the scheme is letters and digits up to the first colon."""
    scheme = ""
    for place, sign in enumerate(proxy):
        if sign == ":":
            return (scheme.lower(), proxy[place + 1 :]) if scheme and scheme[0] in string.ascii_letters else ("smtp", proxy)
        if sign not in string.ascii_letters + string.digits:
            return ("smtp", proxy)
        scheme += sign
    return ("smtp", proxy)


VALUE = st.text(st.characters(exclude_categories=["Cs", "Z", "C"], exclude_characters=',;|:"{'), min_size=1, max_size=20)
DN_TEXT = st.text(st.characters(exclude_categories=["Cs", "C"], exclude_characters=":,;|\u2028\u2029"), max_size=20)
PROXY = st.one_of(
    st.builds(lambda scheme, value: f"{scheme}:{value}", st.sampled_from(["SMTP", "smtp", "SIP", "SPO", "eum"]), VALUE),
    st.builds(lambda scheme, value: f"{scheme}:/o={value}", st.sampled_from(["X500", "x500"]), DN_TEXT),
    VALUE,
)


@given(st.lists(PROXY, max_size=8))
def test_addresses_against_a_slow_loop(proxies: list[str]) -> None:
    smtp, x500 = [], []
    for proxy in proxies:
        scheme, value = slow_split(proxy)
        if scheme == "smtp":
            smtp.append(value.casefold())
        if scheme == "x500":
            x500.append(value.casefold())
    assert n.smtp(proxies) == smtp
    assert n.x500(proxies) == x500


@pytest.mark.parametrize(
    "value",
    [
        "SMTP:a@x.com  smtp:b@y.com",
        "a@x.com;b@y.com",
        ["a@x.com, b@y.com"],
        ["SMTP:a@x.com;X500:/o=a b"],
        "X500:/o=a b,smtp:b@y.com",
        "{SMTP:a@x.com}",
        "{a@x.com, b@y...}",
    ],
)
def test_joined_addresses_are_not_collected(value: object) -> None:
    for normalise in (n.smtp, n.x500):
        with pytest.raises(n.NotCollected):
            normalise(value)


def test_an_x500_address_keeps_its_blanks_and_brackets_and_may_stand_alone() -> None:
    dn = "/o=Exchange Labs/ou=Group (FYDIBOHF23SPDLT)/cn=Recipients/cn=A  B+c=ü@x"
    assert n.x500(f"x500:{dn} ") == [dn.casefold() + " "]
    assert n.smtp(f"X500:{dn}") == []


@pytest.mark.parametrize(
    ("value", "expected"),
    [("SMTP:A@X.com", "a@x.com"), ("a@x.com", "a@x.com"), (" smtp: A@x.com ", "a@x.com"), (None, ""), ("STRASSE@ß.de", "strasse@ss.de")],
)
def test_address(value: str | None, expected: str) -> None:
    assert n.address(value) == expected


@pytest.mark.parametrize(("value", "expected"), [('SMTP:"a@b"@X.com', "x.com"), ("@x.com", ""), ("a", ""), ("a@", ""), (None, "")])
def test_the_domain_is_what_follows_the_last_at(value: str | None, expected: str) -> None:
    assert n.domain_of(value) == expected


def test_auxiliary_archives_are_counted_also_when_joined() -> None:
    places = ["1;g;Primary;f;d", "1;g;MainArchive;f;d", "1;g;AuxArchive;f;d", "1;g;auxarchive;f;d"]
    assert n.aux_archives(places) == n.aux_archives(" ".join(places)) == 2


PLANS = [
    {"ServicePlanName": "Exchange_S_Enterprise", "ProvisioningStatus": "Success"},
    {"servicePlanName": "MCOSTANDARD", "provisioningStatus": "Disabled"},
    {"servicePlanName": "NEW", "provisioningStatus": "NeverHeardOf"},
]


def test_service_plans() -> None:
    assert n.plans_with("success")(PLANS) == ["EXCHANGE_S_ENTERPRISE"]
    assert n.plans_without("disabled")(PLANS) == ["EXCHANGE_S_ENTERPRISE", "NEW"]
    assert n.plan_names(PLANS) == ["EXCHANGE_S_ENTERPRISE", "MCOSTANDARD", "NEW"]
    assert n.plan_names([]) == []


@pytest.mark.parametrize("value", [None, "", ["@{ServicePlanName=A}"], [{"servicePlanName": ""}], [{"servicePlanName": "A"}], "A B"])
def test_half_a_service_plan_is_not_collected(value: object) -> None:
    with pytest.raises(n.NotCollected):
        n.plans_without("disabled")(value)


def test_units() -> None:
    assert n.units("enabled")({"Enabled": 25, "Warning": 0}) == 25
    for cut in ("@{Enabled=25}", None, {}, {"Enabled": None}, {"enabled": 1, "Enabled": 2}):
        with pytest.raises(n.NotCollected):
            n.units("enabled")(cut)


@given(st.text())
def test_what_is_printed_of_a_value_is_short_and_harmless(value: str) -> None:
    told = n.shortened(value)
    assert len(told) <= 63
    assert told.isprintable()
    told.encode()
