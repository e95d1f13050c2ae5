"""`python -m ctm_audit.sim FOLDER` writes the examples below FOLDER; the repository holds them under `examples`."""

from __future__ import annotations

import argparse
from pathlib import Path

from ctm_audit.sim.examples import write_examples


def main() -> None:
    """Write the examples into the folder that the command line names."""
    parser = argparse.ArgumentParser(prog="python -m ctm_audit.sim", description="Write the simulated examples.")
    parser.add_argument("folder", type=Path)
    write_examples(parser.parse_args().folder)


if __name__ == "__main__":
    main()
