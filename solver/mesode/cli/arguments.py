"""What several commands check of their arguments."""

from __future__ import annotations

import argparse
from pathlib import Path

from mesode.errors import shortened

_MOST_DIGITS = 9


def count(text: str) -> int:
    """Return a whole number from 1 on.

    Raises:
        ArgumentTypeError: the text is none.
    """
    if not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS) or int(text) < 1:
        msg = f"expected a whole number from 1 on, got {text!r}"
        raise argparse.ArgumentTypeError(msg)
    return int(text)


def too_long(name: str) -> str:
    """Say that no file can have a name."""
    return f"{shortened(name)}: this name is too long for a file or a folder"


def file_name(text: str) -> Path:
    """Return the name of a file that shall be written.

    Raises:
        ArgumentTypeError: a folder has this name, or it is too long for a file.
    """
    path = Path(text)
    try:
        is_folder = not path.name or path.is_dir()
    except OSError:
        raise argparse.ArgumentTypeError(too_long(text)) from None
    if is_folder:
        msg = f"expected the name of a file, got the folder {text!r}"
        raise argparse.ArgumentTypeError(msg)
    return path


def picture_name(text: str) -> Path:
    """Return the name of a picture that shall be written.

    Raises:
        ArgumentTypeError: a folder has this name, or it does not end in ``.png``.
    """
    path = file_name(text)
    if path.suffix.lower() != ".png":
        raise argparse.ArgumentTypeError(f"expected a name that ends in .png, got {text!r}")
    return path
