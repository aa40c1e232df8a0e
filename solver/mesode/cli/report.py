"""``mesode report``: one HTML page of a run, of several side by side, or of a study."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mesode.cli.arguments import file_name
from mesode.cli.console import say

if TYPE_CHECKING:
    import argparse

HELP = "write one self-contained HTML page of a run, of several runs side by side, or of a study"
EXAMPLES = """\
  mesode report runs/sio                      writes runs/sio/report.html
  mesode report runs/soft runs/stiff          side by side, writes report.html
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


def execute(args: argparse.Namespace) -> int:
    """Write the page.

    Raises:
        InputError: a folder holds neither a run nor a study.
        OutputError: the page cannot be written.
    """
    from mesode.analysis.run_report import report_runs
    from mesode.analysis.study_report import report_study
    from mesode.analysis.study_table import is_study_folder
    from mesode.study.collect import write_results
    from mesode.study.store import open_store

    alone = args.folders[0] if len(args.folders) == 1 else Path()
    out = args.out or alone / "report.html"
    if alone != Path() and is_study_folder(alone):
        write_results(open_store(alone))
        say(f"report in {report_study(alone, out)}")
    else:
        say(f"report in {report_runs(args.folders, out)}")
    return 0
