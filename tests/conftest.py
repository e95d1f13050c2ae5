"""Settings of all tests: hypothesis has no deadlines, because test machines are shared and slow at times."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("ctm-audit", deadline=None)
settings.load_profile("ctm-audit")
