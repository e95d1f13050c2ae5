"""The command line's entry: commands by name, loaded only when called, and the one place that sets exit codes."""

from __future__ import annotations

import errno
import importlib
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from glob import glob

import click

from ctm_audit import __version__
from ctm_audit.cli import console
from ctm_audit.cli.crash import write_crash_file
from ctm_audit.cli.options import Wishes
from ctm_audit.errors import EXIT_INTERRUPTED, EXIT_OK, EXIT_USAGE, CtmAuditError, Refused, UsageError

IS_WINDOWS = os.name == "nt"
SYSTEM_REFUSALS = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENAMETOOLONG)


@dataclass(frozen=True, slots=True)
class CommandEntry:
    """Where a command lives and its line in `--help`, known without importing it."""

    module: str
    attribute: str
    help: str


COMMANDS = {
    "demo": CommandEntry("demo", "demo", "The whole story on bundled evidence; no tenant needed."),
    "init": CommandEntry("init", "init", "Write a commented ctm-audit.toml, an empty mapping.csv and a .gitignore."),
    "import": CommandEntry("imports", "import_", "Make a bundle of exported files of the source or the target tenant."),
    "export-script": CommandEntry(
        "export_script", "export_script", "Print a PowerShell script that exports everything, for admins who register no app."
    ),
    "mapping": CommandEntry("mappings", "mapping", "Check the mapping, or propose rows for it from two bundles."),
    "bundle": CommandEntry("bundles", "bundle", "List, show and verify bundles of evidence."),
    "audit": CommandEntry("audit", "audit", "Judge the evidence by the rules; the exit code says ready or not."),
    "diff": CommandEntry("diff", "diff", "Tell what is new, fixed, still open or newly undetermined from one run to another."),
    "explain": CommandEntry("explain", "explain", "Say why a rule says what it says of an object, and what would change it."),
    "query": CommandEntry("query", "query", "Ask the evidence or a run one SELECT: a table, CSV or JSON."),
    "report": CommandEntry("report", "report", "Write a run as HTML, JSON, CSV, Excel, JUnit, SARIF or Markdown."),
    "dns": CommandEntry("dns", "dns", "The domain move: observe, judge, and prove whose a domain is and that no mail was lost."),
    "waivers": CommandEntry("waivers", "waivers", "List and check what people have waived and stated."),
    "rules": CommandEntry("rules", "rules", "List, show, check and test the rules."),
}


class LazyGroup(click.Group):
    """A group that imports a command's module only when that command is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """The names in the order of the work."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """The command of that name, imported now; None when there is none."""
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        command = getattr(importlib.import_module(f"ctm_audit.cli.{entry.module}"), entry.attribute)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        """Write the table of commands from their entries, without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.help) for name, entry in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"auto_envvar_prefix": "CTM_AUDIT", "help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="ctm-audit %(version)s")
def cli() -> None:
    """Tell, before anything moves, what would make a Microsoft 365 tenant-to-tenant mailbox migration fail.

    Exit codes: 0 ready or done, 1 not ready, 2 usage or project file wrong, 3 undetermined, 4 partly failed,
    5 refused, 6 service failure, 70 a bug of ours, 130 interrupted.
    """


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code of one call; whatever goes wrong has been told on stderr (and with `--json` on stdout).

    A command returns its exit code, or nothing for 0, and raises CtmAuditError to refuse.
    """
    given = _arguments_of_the_shell() if arguments is None else list(arguments)
    wishes = Wishes(json="--json" in given)
    console.prepare()
    try:
        code = _run(given, wishes)
        console.flush()
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - the border of the program: every error becomes an exit code
        code = _tell(error, given, wishes)
        console.settle()
    return code


def _arguments_of_the_shell() -> list[str]:
    """The arguments of this process; on Windows, where the shell leaves `*.json` as it is, with the files that it means."""
    if not IS_WINDOWS:
        return sys.argv[1:]
    return [name for argument in sys.argv[1:] for name in (sorted(glob(argument)) or [argument])]  # noqa: PTH207 - a path may be absolute


def _run(given: list[str], wishes: Wishes) -> int:
    with cli.make_context("ctm-audit", given, obj=wishes) as context:
        result = cli.invoke(context)
    return result if isinstance(result, int) else EXIT_OK


def _tell(error: BaseException, given: list[str], wishes: Wishes) -> int:
    match error:
        case click.exceptions.Exit():
            return error.exit_code
        case CtmAuditError():
            return console.fail(error, as_json=wishes.json)
        case click.exceptions.NoArgsIsHelpError():
            console.note(error.format_message())
            return EXIT_USAGE
        case click.ClickException():
            return console.fail(_as_usage_error(error), as_json=wishes.json)
        case click.Abort() | KeyboardInterrupt():
            console.note("ctm-audit: interrupted")
            return EXIT_INTERRUPTED
        case OSError() if error.errno in SYSTEM_REFUSALS:
            return console.fail(_as_refusal(error), as_json=wishes.json)
        case _:
            return console.fail(_as_bug(error, given), as_json=wishes.json)


def _as_usage_error(error: click.ClickException) -> UsageError:
    context = getattr(error, "ctx", None)
    command = context.command_path if isinstance(context, click.Context) else "ctm-audit"
    return UsageError(error.format_message(), hint=f"{command} --help")


def _as_refusal(error: OSError) -> Refused:
    where = f": {error.filename}" if error.filename else ""
    return Refused(
        f"The operating system refused ({error.strerror}){where}", hint="check the rights, the free space and who holds the file open"
    )


def _as_bug(error: BaseException, given: list[str]) -> CtmAuditError:
    command = next((name for name in given if name in COMMANDS), "ctm-audit")
    written = write_crash_file(error, command)
    place = f"The crash file holds no data of yours: {written}" if written else "No crash file could be written."
    return CtmAuditError(f"A bug of ours ({type(error).__name__}).", detail=[place], hint="send us the crash file, please")
