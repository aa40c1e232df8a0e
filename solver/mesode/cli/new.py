"""``mesode new``: write a commented starter file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mesode.cli.console import say
from mesode.errors import OutputError

if TYPE_CHECKING:
    import argparse

HELP = "write a commented starter file"
EXAMPLES = """\
  mesode new sio                 writes sio.yaml
  mesode new studies/sio.yaml    the folder must exist"""


def execute(args: argparse.Namespace) -> int:
    """Write the file.

    Raises:
        OutputError: the file exists, or cannot be written.
    """
    from mesode.config.starter import starter_text
    from mesode.output.ranks import writing

    path = Path(args.name)
    if path.suffix not in (".yaml", ".yml"):
        path = path.with_name(path.name + ".yaml")
    if path.exists() and not args.force:
        msg = f"{path}: exists already; choose another name, or overwrite it with --force"
        raise OutputError(msg)
    if not path.parent.is_dir():
        msg = f"{path.parent}: no such folder; make it first"
        raise OutputError(msg)
    with writing(path):
        path.write_text(starter_text(path.stem), encoding="utf-8")
    say(f"{path} written. Next: mesode check {path}")
    return 0
