"""Messages as Exchange Online delivers them."""

from __future__ import annotations

from datetime import datetime, timedelta
from email.utils import format_datetime

TARGET = "c3d4e5f6-0000-4000-8000-000000000001"
SOURCE = "a1b2c3d4-0000-4000-8000-000000000002"


def mail(
    subject: str = "Probe",
    *,
    sent: datetime = datetime(2027, 1, 16, 18),
    delay: timedelta = timedelta(seconds=40),
    tenant: str = TARGET,
    results: str = "",
    more: str = "",
    body: str = "Hello",
) -> bytes:
    """A message that came `delay` after it was sent; times are UTC."""
    results = results or (
        "spf=pass (sender IP is 192.0.2.7)\r\n smtp.mailfrom=example.org; dkim=pass (signature was verified; it is good)\r\n"
        " header.d=example.org;dmarc=pass action=none header.from=example.org;compauth=pass reason=100"
    )
    received = format_datetime(sent + delay).replace("-0000", "+0000")
    return (
        "Received: from AM6PR05.eurprd05.prod.outlook.com (2603:10a6::1)\r\n"
        f" by AS8PR05.eurprd05.prod.outlook.com with HTTPS; {received}\r\n"
        f"Received: from mail.example.org (192.0.2.7) by AM6EUR05.mail.protection.outlook.com (10.0.0.1)\r\n"
        f" with Microsoft SMTP Server; {received}\r\n"
        f"Authentication-Results: {results}\r\n"
        "DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=key1;\r\n h=from:subject; b=AAAA\r\n"
        f"Date: {format_datetime(sent).replace('-0000', '+0000')}\r\n"
        "From: Alex <Alex@example.org>\r\nTo: probe@contoso.com\r\nMessage-ID: <1@example.org>\r\n"
        f"Subject: {subject}\r\n"
        f"{f'X-MS-Exchange-CrossTenant-Id: {tenant}' if tenant else 'X-None: 1'}\r\n{more}\r\n{body}\r\n"
    ).encode()
