"""`python -m ctm_audit` does what `ctm-audit` does."""

import sys

from ctm_audit.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
