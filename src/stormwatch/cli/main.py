"""The ``stormwatch`` command."""

from __future__ import annotations

import errno
import os
import sys

import typer

from stormwatch.cli import (
    assess,
    case,
    case_commands,
    cohort,
    guidance,
    instruments,
    literature,
    read,
    report,
    score,
    signals,
    sources,
    synth,
)
from stormwatch.errors import StormwatchError, UsageError

_FULL = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)

app = typer.Typer(
    name="stormwatch",
    help="Evaluate published criteria for hyperinflammation along a patient's record, and show the reasons.",
    epilog="For research, quality and safety work by professionals. It never says what to do with a patient.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("assess")(assess.assess)
app.command("score", context_settings=score.SETTINGS)(score.score)
app.command("report")(report.report)
app.command("read")(read.read)
app.command("synth")(synth.synth)
case_commands.register(case.app)
app.add_typer(case.app, name="case")
app.add_typer(cohort.app, name="cohort")
app.add_typer(guidance.app, name="guidance")
app.add_typer(instruments.app, name="instruments")
app.add_typer(signals.app, name="signals")
app.add_typer(literature.app, name="literature")
app.add_typer(sources.app, name="sources")


@app.callback(invoke_without_command=True)
def main(
    version: bool = typer.Option(False, "--version", help="Print the version and stop.", is_eager=True),
) -> None:
    if version:
        from stormwatch._version import version as installed

        typer.echo(f"stormwatch {installed()}")
        raise typer.Exit


def run() -> None:
    """Run the command line; errors raised on purpose become one message and their exit code."""
    try:
        app(prog_name="stormwatch")
    except StormwatchError as error:
        typer.echo(f"stormwatch: {error}", err=True)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        typer.echo("stormwatch: interrupted", err=True)
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except OSError as error:
        if error.errno not in _FULL:
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what is left in the buffer would fail once more at the end
        typer.echo(f"stormwatch: the output cannot be written ({error.strerror}); free some space", err=True)
        sys.exit(UsageError.exit_code)
