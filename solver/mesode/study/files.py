"""Files that are whole or not there, whenever the machine goes down."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from mesode.output.ranks import writing

if TYPE_CHECKING:
    from pathlib import Path


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file beside its place, make sure it is on the disk, and move it there.

    Raises:
        OutputError: no space or no permission; what was there before is still there.
    """
    part = path.with_name(f".{path.name}.part")
    data = content.encode() if isinstance(content, str) else content
    with writing(path):
        try:
            with part.open("wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)


def write_json(path: Path, content: Any) -> None:
    """Write plain data.

    Raises:
        OutputError: no space or no permission.
    """
    write_whole(path, json.dumps(content, indent=1, ensure_ascii=False) + "\n")


def read_json(path: Path) -> dict[str, Any]:
    """Return a mapping from a file; empty where it is absent or no JSON."""
    try:
        content = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
