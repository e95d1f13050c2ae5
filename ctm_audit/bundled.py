"""Where the data that ships with the package lies: the rule book, the report templates and the examples."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from ctm_audit.errors import Refused


def data_folder(kind: Literal["rules", "reports", "examples"]) -> Path:
    """The folder of `kind`: inside an installed package, else beside it in the checkout.

    Raises Refused when neither exists.
    """
    package = Path(__file__).resolve().parent
    for folder in (package / "_bundled" / kind, package.parent / kind):
        if folder.is_dir():
            return folder
    raise Refused(f"This installation of ctm-audit has no {kind} folder.", hint="Install it again: pip install --force-reinstall ctm-audit")
