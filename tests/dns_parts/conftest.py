from __future__ import annotations

from collections.abc import Iterator

import pytest
import trustme

from tests.dns_parts.servers import Https, https

NAMES = ("mta-sts.contoso.com", "login.microsoftonline.com", "login.microsoftonline.us", "login.partner.microsoftonline.cn")


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="session")
def _server(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Https]:
    with https(authority, tmp_path_factory.mktemp("https"), *NAMES) as found:
        yield found


@pytest.fixture
def server(_server: Https) -> Https:
    _server.says.clear()
    _server.asked.clear()
    return _server
