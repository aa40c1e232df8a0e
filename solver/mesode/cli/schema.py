"""``mesode schema``: the JSON Schema of the case file, for editors."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from mesode.cli.console import say

if TYPE_CHECKING:
    import argparse

HELP = "print the JSON Schema of the case file, for editors"
EXAMPLES = """\
  mesode schema > mesode.schema.json
  # then, as first line of a case, for VS Code and others with a YAML language server:
  # yaml-language-server: $schema=mesode.schema.json"""


def execute(_args: argparse.Namespace) -> int:
    """Print the schema."""
    from mesode.config.dump import json_schema

    say(json.dumps(json_schema(), indent=2, ensure_ascii=False))
    return 0
