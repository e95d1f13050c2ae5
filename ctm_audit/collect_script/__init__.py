"""The PowerShell script that exports one tenant, for admins who register no app."""
