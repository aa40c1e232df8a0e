"""A plain half cell as a case file, for tests that change a line of it."""

from __future__ import annotations

from pathlib import Path

TEXT = Path(__file__).with_name("plain_case.yaml").read_text("utf-8")


def plain_text(title: str = "test") -> str:
    """Return the case file under a title, quoted as YAML has it."""
    return TEXT.replace("@TITLE@", "'" + title.replace("'", "''") + "'")
