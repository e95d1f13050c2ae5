"""How Exchange Online seems to write domains into host names, by samples that are public."""

from __future__ import annotations

import pytest

from ctm_audit.engine.mx_token import mx_token


@pytest.mark.parametrize(
    ("domain", "token"),
    [
        ("contoso.com", "contoso-com"),
        ("ama-inc.com", "amainc-com0i"),
        ("grupo-gee.com", "grupogee-com01c"),
        ("himawari-en-jp.com", "himawarienjp-com02j"),
        ("find-child-arrangement-option.service.gov.uk", "findchildarrangementoption-service-gov-uk01be2e"),
    ],
)
def test_hyphens_are_told_behind_the_name(domain: str, token: str) -> None:
    assert mx_token(domain) == token
