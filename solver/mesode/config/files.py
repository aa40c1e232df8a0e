"""Fields that name a file: looked up beside the YAML file, then in the working directory."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator

from mesode.config.base import problem
from mesode.inputs import NO_FILE, unfit

if TYPE_CHECKING:
    from pydantic import ValidationInfo

#: Key of the validation context: the folder of the YAML file.
FOLDER = "folder"
#: Keys whose text is the name of a file.
FILE_KEYS = ("file", "csv")


def find_file(name: str, info: ValidationInfo) -> str:
    """Return the absolute path of a file, so that the dumped case runs from anywhere."""
    if not name.strip():
        raise problem("expected the name of a file")
    folder = (info.context or {}).get(FOLDER)
    try:
        places = dict.fromkeys((base / name).resolve() for base in (folder, Path.cwd()) if base)
        for place in places:
            str(place).encode()
    except UnicodeEncodeError:
        raise problem("the name of the file or of its folder is not UTF-8") from None
    except (OSError, ValueError) as error:  # a zero byte, a name that is too long
        raise problem(f"the file cannot be read: {error}") from None
    reasons = {place: unfit(place) for place in places}
    for place, reason in reasons.items():
        if not reason:
            return str(place)
    looked = " and at ".join(f"'{place}'" for place in places)
    reason = next((text for text in reasons.values() if text != NO_FILE), NO_FILE)
    raise problem(reason, f"Looked for it at {looked}" if reason == NO_FILE else "")


def content_hash(path: str) -> str:
    """Return the SHA-256 of a file."""
    with Path(path).open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


InputFile = Annotated[str, AfterValidator(find_file)]
