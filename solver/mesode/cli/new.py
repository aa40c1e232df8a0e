"""``mesode new``: write a commented starter file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mesode.cli.console import say
from mesode.config.starter import COMPANIONS, DEFAULT, STARTERS
from mesode.errors import OutputError

if TYPE_CHECKING:
    import argparse

HELP = "write a commented starter file"
_KINDS = "\n".join(f"  {name.ljust(11)} {text}" for name, text in STARTERS.items())
EXAMPLES = f"""\
  mesode new blend               writes blend.yaml, a blend
  mesode new studies/fullcell    the folder must exist
  mesode new cell7 --kind silicon

kinds, and names that choose theirs:
{_KINDS}
Any other name gives a file of kind {DEFAULT}."""


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    command.add_argument("name", metavar="NAME", help="name of the file; .yaml is added")
    command.add_argument(
        "--kind", choices=tuple(STARTERS), help=f"kind of file (default: its name, else {DEFAULT})"
    )
    command.add_argument("--force", action="store_true", help="overwrite the file")


def execute(args: argparse.Namespace) -> int:
    """Write the file, and the one that it names.

    Raises:
        OutputError: a file exists, or cannot be written.
    """
    from mesode.config.starter import starter_text
    from mesode.output.ranks import writing

    path = Path(args.name)
    if path.suffix not in (".yaml", ".yml"):
        path = path.with_name(path.name + ".yaml")
    kind = args.kind or (path.stem if path.stem in STARTERS else DEFAULT)
    companion = path.with_suffix(COMPANIONS[kind]) if kind in COMPANIONS else None
    for each in (path, companion):
        if each is not None and each.exists() and not args.force:
            msg = f"{each}: exists already; choose another name, or overwrite it with --force"
            raise OutputError(msg)
    if not path.parent.is_dir():
        msg = f"{path.parent}: no such folder; create it first"
        raise OutputError(msg)
    with writing(path):
        path.write_text(starter_text(path.stem, kind, path.name), encoding="utf-8")
    if companion is not None:
        from mesode.case.samples import WRITERS

        with writing(companion):
            WRITERS[kind](companion)
    also = f" and {companion.name}" if companion is not None else ""
    say(f"{path}{also} written: {STARTERS[kind]}. Next: mesode check {path}")
    return 0
