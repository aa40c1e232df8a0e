"""Small files of a study: plain data, written atomically."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from mesode import inputs
from mesode.errors import InputError
from mesode.output.ranks import writing
from mesode.whole_file import whole_file

if TYPE_CHECKING:
    from pathlib import Path

_TAIL = 8192  # bytes that hold the last row of a table


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file beside its place, make sure it is on the disk, and move it there.

    Raises:
        OutputError: no space or no permission; what was there before is still there.
    """
    data = content.encode() if isinstance(content, str) else content
    with writing(path), whole_file(path) as stream:
        stream.write(data)


def write_json(path: Path, content: Any) -> None:
    """Write plain data.

    Raises:
        OutputError: no space or no permission.
    """
    write_whole(path, json.dumps(content, indent=1, ensure_ascii=False) + "\n")


def last_line(path: Path) -> str:
    """Return the last whole line of a table; raises OSError or ValueError where there is none."""
    with path.open("rb") as stream:
        stream.seek(max(stream.seek(0, 2) - _TAIL, 0))
        lines = stream.read().decode().split("\n")
    if len(lines) < 2:
        msg = f"{path} has no whole line"
        raise ValueError(msg)
    return lines[-2]


def read_json(path: Path) -> dict[str, Any]:
    """Return a mapping from a file; empty where it is absent or no JSON."""
    with suppress(InputError):
        return inputs.read_json(path)
    return {}
