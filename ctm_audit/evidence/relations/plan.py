"""Fields of `pairs` about what is planned for a row: who somebody is at completion, and once the moving domain has moved."""

from __future__ import annotations

from ctm_audit.evidence.relations.keys import RESOLUTION
from ctm_audit.evidence.relations.schema import Field

UPN = (
    "case when m.upn <> '' then lower(m.upn) when t.object_id is not null then t.upn"
    " when {complete:target.keys} and contains(m.target_key, '@') then m.target_key end"
)
PRIMARY = (
    "case when m.primary <> '' then lower(m.primary) when t.object_id is not null then t.primary_smtp"
    " when {complete:target.keys} then '' end"
)

PLAN = (
    Field(
        "plan.upn",
        "VARCHAR",
        "UPN at completion, folded: the mapping's, else the target object's, else the target key",
        RESOLUTION["target"],
        UPN,
    ),
    Field("plan.upn_domain", "VARCHAR", "the part of plan.upn after the last @", RESOLUTION["target"], f"split_part({UPN}, '@', -1)"),
    Field(
        "plan.primary",
        "VARCHAR",
        "primary SMTP address at completion, folded: the mapping's, else the target object's",
        RESOLUTION["target"],
        PRIMARY,
    ),
    Field(
        "plan.final_upn",
        "VARCHAR",
        "UPN once the moving domain has moved, folded: the mapping's, else plan.upn",
        RESOLUTION["target"],
        f"case when m.final_upn <> '' then lower(m.final_upn) else {UPN} end",
    ),
    Field(
        "plan.final_primary",
        "VARCHAR",
        "primary SMTP address once the moving domain has moved, folded: the mapping's, else plan.primary",
        RESOLUTION["target"],
        f"case when m.final_primary <> '' then lower(m.final_primary) else {PRIMARY} end",
    ),
    Field(
        "plan.primary_domain",
        "VARCHAR",
        "the part of plan.primary after the last @",
        RESOLUTION["target"],
        f"split_part({PRIMARY}, '@', -1)",
    ),
    Field(
        "plan.from_onmicrosoft",
        "BOOLEAN",
        "true when the wave accepts that people send from an onmicrosoft.com address until their domain has moved",
        sql="coalesce(p.wave_from_onmicrosoft[list_position(p.wave_names, m.wave)], false)",
    ),
)
