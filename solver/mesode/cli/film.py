"""``--animate``: a film of the section, drawn when a run has ended or from what it has left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesode.cli.console import say
from mesode.errors import InputError, MesodeError, Problem

if TYPE_CHECKING:
    import argparse
    from pathlib import Path


def add_argument(command: argparse.ArgumentParser) -> None:
    """Add the option to a command."""
    command.add_argument(
        "--animate",
        metavar="KIND",
        nargs="?",
        const="gif",
        choices=("gif", "mp4"),
        help="draw a film of the section over the run: gif (the default) or mp4",
    )


def check(args: argparse.Namespace) -> None:
    """Find out before anything runs whether the film that is asked for can be drawn.

    Raises:
        InputError: it cannot.
    """
    if args.animate is None:
        return
    from mesode.analysis.animation import check_kind

    check_kind(args.animate)
    if getattr(args, "no_fields", False):
        hint = "Leave out --no-fields or --animate"
        raise InputError([Problem("--animate", "--no-fields", "expected fields to draw", hint)])


def draw(folder: Path, kind: str | None) -> None:
    """Draw the film of a run, if one is asked for; where that fails say so: no result is lost."""
    if kind is None:
        return
    from mesode.analysis.animation import animate

    try:
        path = animate(folder, kind)
    except MesodeError as error:
        say(f"no film was drawn: {error}")
        return
    say(f"film: {path}" if path else "no film was drawn: it takes fields at two times at least")
