"""Addresses of other types than SMTP and X500, and how many there are."""

from __future__ import annotations

from typing import Any

import pytest

from ctm_audit.evidence import normalise as n

EVERY = [
    "SMTP:Adele@Contoso.com",
    "smtp:adele@contoso.onmicrosoft.com",
    "X500:/o=Ex/cn=A B",
    "x400:C=DE;A= ;P=Contoso;S=Vance;",
    "sip:Adele@Contoso.com",
    "SIP: adele@Fabrikam.com ",
    "SPO:SPO_1",
]


def test_each_type_is_read_by_its_own_normaliser() -> None:
    assert n.x400(EVERY) == ["c=de;a= ;p=contoso;s=vance;"]
    assert n.sip_domains(EVERY) == ["contoso.com", "fabrikam.com"]
    assert n.address_count(EVERY) == 7


def test_none_of_a_type_is_a_value() -> None:
    assert (n.x400(["SMTP:a@x.com"]), n.sip_domains(["SMTP:a@x.com"]), n.address_count([])) == ([], [], 0)


@pytest.mark.parametrize("flattened", [None, "", "System.String[]", ["SMTP:a@x.com", None]])
def test_what_the_export_flattened_was_not_collected(flattened: Any) -> None:
    for normaliser in (n.x400, n.sip_domains, n.address_count):
        with pytest.raises(n.NotCollected):
            normaliser(flattened)
