"""The commands, their arguments and their help."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from mesode import __version__
from mesode.cli import (
    analyse,
    bench,
    check,
    export,
    film,
    listing,
    mesh,
    new,
    report,
    resume,
    run,
    schema,
    study,
)
from mesode.cli.arguments import count
from mesode.errors import with_short_words

if TYPE_CHECKING:
    from collections.abc import Callable

_DESCRIPTION = """\
Lithium-ion electrodes at the scale of particles, binder, carbon and pores: one YAML file in,
voltage, lithiation, stress and swelling of a resolved section out.
"""
_EPILOG = """\
examples:
  mesode new sio                          write sio.yaml, a commented starter file
  mesode check sio.yaml                   validate it and print what it amounts to
  mesode run sio.yaml                     simulate it, results in runs/sio
  mesode run sio.yaml --set "initial.lithiation=0.1" --out runs/tenth --ranks 2
  mesode resume runs/sio                  continue a run that was ended or killed
  mesode COMMAND --help                   help for a command

exit codes: 0 done; 2 bad input, every problem is listed; 3 stopped early, results are kept and the
reason is printed; 1 an internal error, please report it.
"""


class _Parser(argparse.ArgumentParser):
    """A parser whose complaints a screen holds, whatever it was given."""

    def error(self, message: str) -> NoReturn:
        super().error(with_short_words(message))


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = _Parser(
        prog="mesode",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"mesode {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)

    def add(
        name: str, text: str, example: str, body: Callable[[argparse.Namespace], int]
    ) -> argparse.ArgumentParser:
        command = commands.add_parser(
            name,
            help=text,
            description=f"{text[0].upper()}{text[1:]}.",
            epilog=f"examples:\n{example}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        command.set_defaults(body=body)
        return command

    new.add_arguments(add("new", new.HELP, new.EXAMPLES, new.execute))
    _check(add("check", check.HELP, check.EXAMPLES, check.execute))
    _mesh(add("mesh", mesh.HELP, mesh.EXAMPLES, mesh.execute))
    _run(add("run", run.HELP, run.EXAMPLES, run.execute))
    _resume(add("resume", resume.HELP, resume.EXAMPLES, resume.execute))
    analyse.add_arguments(add("analyse", analyse.HELP, analyse.EXAMPLES, analyse.execute))
    export.add_arguments(add("export", export.HELP, export.EXAMPLES, export.execute))
    report.add_arguments(add("report", report.HELP, report.EXAMPLES, report.execute))
    study.add_arguments(add("study", study.HELP, study.EXAMPLES, study.execute))
    listing.add_arguments(add("list", listing.HELP, listing.EXAMPLES, listing.execute))
    add("schema", schema.HELP, schema.EXAMPLES, schema.execute)
    bench.add_arguments(add("bench", bench.HELP, bench.EXAMPLES, bench.execute))
    return parser


def _file(command: argparse.ArgumentParser) -> None:
    command.add_argument("file", metavar="FILE", type=Path, help="the case, a YAML file")
    command.add_argument(
        "--set",
        dest="overrides",
        metavar="KEY=VALUE",
        action="append",
        default=[],
        help="change a value by its path, e.g. mesh.size='1 um'; may be given several times",
    )


def _check(command: argparse.ArgumentParser) -> None:
    _file(command)
    command.add_argument(
        "--assumed", action="store_true", help="list the values that are assumed, not measured"
    )


def _mesh(command: argparse.ArgumentParser) -> None:
    _file(command)
    _out(command, "runs/<name of FILE>-mesh")


def _out(command: argparse.ArgumentParser, default: str) -> None:
    command.add_argument(
        "--out", metavar="DIR", type=Path, help=f"folder of the results (default: {default})"
    )
    command.add_argument(
        "--force", action="store_true", help="replace what an earlier call wrote there"
    )


def _run(command: argparse.ArgumentParser) -> None:
    _file(command)
    _out(command, "runs/<name of FILE>")
    _shared(command)
    command.add_argument(
        "--no-fields", action="store_true", help="write no fields: saves disk space"
    )
    film.add_argument(command)


def _resume(command: argparse.ArgumentParser) -> None:
    command.add_argument("folder", metavar="DIR", type=Path, help="folder of the run")
    _shared(command)
    film.add_argument(command)


def _shared(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--ranks", metavar="N", type=count, default=1, help="processes to share the work (MPI)"
    )
    command.add_argument("--no-figures", action="store_true", help="draw no figures at the end")
