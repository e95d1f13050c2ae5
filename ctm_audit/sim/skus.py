"""The subscriptions of the simulated tenants, with Microsoft's own ids where they are public.

https://learn.microsoft.com/entra/identity/users/licensing-service-plan-reference
"""

from __future__ import annotations

from ctm_audit.sim.tenants import License, Sku

MAILBOX = ("EXCHANGE_S_ENTERPRISE", "efb87545-963c-4e0d-99df-69c6916d9eb0")
KIOSK = ("EXCHANGE_S_DESKLESS", "4a82b400-a79f-41a4-b4e2-e94f5787b113")
FILLER = ("EXCHANGE_S_FOUNDATION", "113feb6c-3fe4-4440-bddc-54d774bf0318")
TEAMS = ("TEAMS1", "57ff2da0-773e-42df-b2af-ffb7a2317929")
# The service plans of the migration SKU have no published ids; these are invented.
MOVE = ("EXCHANGEONLINE_T2TMBXMOVE", "5b1d4f0e-7a52-4c8e-9d36-0a8f6c2e7b14")
MOVE_FILES = ("SHAREPOINTONLINE_T2TODMOVE", "c0a7e2d9-3f18-4b65-8e41-96d1f5b3a720")

E3 = Sku(
    part_number="SPE_E3",
    sku_id="05e9a617-0261-4cee-bb44-138d3ef5d965",
    plans=(
        MAILBOX,
        FILLER,
        TEAMS,
        ("SHAREPOINTENTERPRISE", "5dbe027f-2339-4123-9542-606e4d348a72"),
        ("OFFICESUBSCRIPTION", "43de0ff5-c92c-492b-9116-175376d08c38"),
        ("AAD_PREMIUM", "41781fb2-bc02-4b7c-bd55-b576c07bb09d"),
        ("INTUNE_A", "c1ec4a95-1f05-45b3-a911-aa3fa01094f5"),
    ),
)
F3 = Sku(
    part_number="SPE_F1",
    sku_id="66b55226-6b4f-492c-910c-a3b7a3c9d993",
    plans=(KIOSK, FILLER, TEAMS, ("SHAREPOINTDESKLESS", "902b47e5-dcb2-4fdc-858b-c63a90a2bdb9")),
)
PLAN_1 = Sku(
    part_number="EXCHANGESTANDARD",
    sku_id="4b9405b0-7788-4568-add1-99614e613b69",
    plans=(("EXCHANGE_S_STANDARD", "9aaf7827-d63c-4b61-89c3-182f06f82e5c"),),
)
TEAMS_ONLY = Sku(
    part_number="Microsoft_Teams_EEA_New",
    sku_id="7e74bd05-2c47-404e-829a-ba95c66fe8e5",
    plans=(KIOSK, FILLER, TEAMS),
)
MIGRATION = Sku(
    part_number="Cross_tenant_user_data_migration",
    sku_id="946ce899-873d-44bb-9d8b-671870cbfdbf",
    plans=(MOVE, MOVE_FILES),
)

# What Exchange keeps of a license on the object: PersistedCapabilities.
CAPABILITIES = {
    MAILBOX[0]: "BPOS_S_Enterprise",
    KIOSK[0]: "BPOS_S_Deskless",
    MOVE[0]: "ExchangeT2TMbxMove",
}


def licensed(*skus: Sku) -> tuple[License, ...]:
    """One fully provisioned license of each SKU."""
    return tuple(License(sku.part_number) for sku in skus)
