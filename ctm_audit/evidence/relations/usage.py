"""Fields of `pairs` about how a mailbox is used, and whether its person can sign in to the target."""

from __future__ import annotations

from ctm_audit.evidence.relations.keys import RESOLUTION
from ctm_audit.evidence.relations.schema import Field

CAS = "source.cas_mailboxes"
METHODS = "target.sign_in_methods"

USAGE = (
    Field(
        "source.smtp_auth",
        "BOOLEAN",
        "true when SMTP AUTH is allowed for this very mailbox",
        (*RESOLUTION["source"], f"{CAS}.object_id", f"{CAS}.smtp_auth"),
        "sp.smtp_auth",
    ),
    Field(
        "source.has_devices",
        "BOOLEAN",
        "true when a phone or tablet is connected with Exchange ActiveSync",
        (*RESOLUTION["source"], f"{CAS}.object_id", f"{CAS}.has_devices"),
        "sp.has_devices",
    ),
    Field(
        "target.account_enabled",
        "BOOLEAN",
        "true when the account may sign in",
        (*RESOLUTION["target"], "target.users.account_enabled"),
        "u.account_enabled",
    ),
    Field(
        "target.sign_in_methods",
        "VARCHAR[]",
        "sign-in methods that the person has registered in the target, [] for none",
        (*RESOLUTION["target"], f"{METHODS}.user_id", f"{METHODS}.methods"),
        f"case when tm.user_id is not null then tm.methods when tr.id is not null and {{complete:{METHODS}}} then [] end",
    ),
)
