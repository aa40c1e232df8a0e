"""``mesode report``: one HTML page of a run, of several side by side, or of a study."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mesode.cli import film
from mesode.cli.arguments import file_name
from mesode.cli.console import say
from mesode.errors import InputError, Problem

if TYPE_CHECKING:
    import argparse

HELP = "write one self-contained HTML page of a run, of several runs side by side, or of a study"
EXAMPLES = """\
  mesode report runs/sio                      writes runs/sio/report.html
  mesode report runs/soft runs/stiff          side by side, writes report.html
  mesode report runs/sio --animate            and a film of the section, which the page shows
  mesode report runs/binder_stiffness         the page of a study, writes report.html there"""


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    command.add_argument(
        "folders", metavar="DIR", type=Path, nargs="+", help="run folders, or the one of a study"
    )
    command.add_argument(
        "--out",
        metavar="FILE",
        type=file_name,
        help="the page (default: report.html in the folder)",
    )
    film.add_argument(command)


def execute(args: argparse.Namespace) -> int:
    """Write the page.

    Raises:
        InputError: a folder holds neither a run nor a study; a film of a study is asked for.
        OutputError: the page cannot be written.
    """
    from mesode.analysis.run_report import report_runs
    from mesode.analysis.study_report import report_study
    from mesode.analysis.study_table import is_study_folder
    from mesode.study.collect import write_results
    from mesode.study.store import open_store

    film.check(args)
    alone = args.folders[0] if len(args.folders) == 1 else Path()
    out = args.out or alone / "report.html"
    if alone != Path() and is_study_folder(alone):
        if args.animate:
            hint = "Give the folder of one of its cases"
            raise InputError(
                [Problem("--animate", str(alone), "expected a run, got a study", hint)]
            )
        write_results(open_store(alone))
        say(f"report in {report_study(alone, out)}")
    else:
        for folder in args.folders:
            film.draw(folder, args.animate)
        say(f"report in {report_runs(args.folders, out)}")
    return 0
