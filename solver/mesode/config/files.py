"""Fields that name a file: looked up beside the YAML file, then in the working directory."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator

from mesode.config.base import problem

if TYPE_CHECKING:
    from pydantic import ValidationInfo

#: Key of the validation context: the folder of the YAML file.
FOLDER = "folder"
#: Keys whose text is the name of a file.
FILE_KEYS = ("file", "csv")


def find_file(name: str, info: ValidationInfo) -> str:
    """Return the absolute path of a file, so that the dumped case runs from anywhere."""
    folder = (info.context or {}).get(FOLDER)
    places = dict.fromkeys((base / name).resolve() for base in (folder, Path.cwd()) if base)
    if not name.strip():
        raise problem("expected the name of a file")
    for place in places:
        if place.is_file():
            return str(place)
    if any(place.is_dir() for place in places):
        raise problem("expected a file, this is a folder")
    looked = " and at ".join(f"'{place}'" for place in places)
    raise problem("no such file", f"Looked for it at {looked}")


def content_hash(path: str) -> str:
    """Return the SHA-256 of a file."""
    with Path(path).open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


InputFile = Annotated[str, AfterValidator(find_file)]
