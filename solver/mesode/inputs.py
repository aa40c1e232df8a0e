"""Files that others made: looked at before they are opened, so that they stay data.

A device or a pipe has no end, an XML file may define words that multiply, and an HDF5 file may
point into other files of the machine. Each is reported in a sentence and not opened.
"""

from __future__ import annotations

import json
import resource
import stat
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mesode.errors import InputError, Problem

if TYPE_CHECKING:
    import xml.etree.ElementTree as ET
    from collections.abc import Callable, Iterator
    from typing import NoReturn

    import h5py

MOST_TEXT = 16_000_000  # [bytes] of a text that is read whole: a table of 1e5 rows has 4 MB
MOST_DATA = 2_000_000_000  # [bytes] of a mesh, an image or a file of fields

NO_FILE = "no such file"
_SMALL = 64_000_000  # [bytes] a data set may have in any case
_PACKED = 20  # times more bytes than its file
_ROOM = 250_000_000  # [bytes] for what reads a file, in any case
_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISSOCK, "a socket"),
)


def unfit(path: Path, most: int = MOST_DATA) -> str:
    """Return why a path is not opened: what it is, or how large; empty for a file in order."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return NO_FILE
    except (OSError, ValueError) as error:  # a name that is too long, or with a zero byte
        return f"the file cannot be read: {getattr(error, 'strerror', None) or error}"
    kind = next((name for is_kind, name in _KINDS if is_kind(found.st_mode)), "")
    if kind:
        return f"expected a file, this is {kind}"
    if found.st_size > most:
        return f"{found.st_size / 1e6:.3g} MB; at most {most / 1e6:g} MB are read"
    return ""


def read_bytes(path: Path, most: int = MOST_DATA) -> bytes:
    """Return the content of a file.

    Raises:
        InputError: it is none, too large, or cannot be read.
    """
    reason = unfit(path, most)
    if reason:
        raise refused(path, reason)
    try:
        return path.read_bytes()
    except OSError as error:
        raise refused(path, f"the file cannot be read: {error.strerror}") from None


def read_text(path: Path, most: int = MOST_TEXT) -> str:
    """Return a text in UTF-8, without a byte order mark.

    Raises:
        InputError: it is none, too large, or cannot be read.
    """
    try:
        return read_bytes(path, most).decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        problem = Problem(
            str(path), f"byte {error.start}", "this file is not UTF-8 text", "Save it as UTF-8"
        )
        raise InputError([problem]) from None


def read_json(path: Path) -> dict[str, Any]:
    """Return the mapping in a JSON file.

    Raises:
        InputError: the file is damaged: no JSON, or no mapping.
    """
    try:
        content = json.loads(read_text(path, MOST_DATA))
    except (ValueError, RecursionError) as error:
        raise refused(path, f"the file is damaged, it is not JSON: {error}") from None
    if not isinstance(content, dict):
        raise refused(path, "the file is damaged: expected a mapping of names to values")
    return content


def read_xml(path: Path, mend: Callable[[bytes], bytes] | None = None) -> ET.Element:
    """Return the root of an XML file.

    Args:
        path: Of the file.
        mend: Returns what of a damaged file can be read.

    Raises:
        InputError: damaged, or refused by `check_xml`.
    """
    import xml.etree.ElementTree as ET

    check_xml(path)
    damage, content = (ET.ParseError, ValueError, RecursionError), read_bytes(path)
    try:
        return ET.fromstring(content)
    except damage as error:
        if mend is not None:
            with suppress(*damage):
                return ET.fromstring(mend(content))
        raise refused(path, f"the file is damaged, it is not XML: {error}") from None


def check_xml(path: Path) -> None:
    """Refuse an XML file that defines words (entities) of its own.

    They may multiply without end, or stand for other files of the machine.

    Raises:
        InputError: it defines some, or is not a file.
    """
    from xml.parsers import expat

    class BodyError(Exception):
        """The body begins; words are defined before it."""

    def entity(name: str, *_: object) -> NoReturn:
        raise refused(path, f"the file defines the word '{name}' (<!ENTITY>), which is not read")

    def body(*_: object) -> NoReturn:
        raise BodyError

    parser = expat.ParserCreate()
    parser.EntityDeclHandler, parser.StartElementHandler = entity, body
    with suppress(BodyError, expat.ExpatError, ValueError):  # reported by who reads it all
        parser.Parse(read_bytes(path), True)


@contextmanager
def open_hdf5(path: Path) -> Iterator[h5py.File]:
    """Open an HDF5 file, to be read, all of whose data lie in itself.

    Raises:
        InputError: no such file, damaged, or some of its data lie in other files.
    """
    import h5py

    reason = unfit(path)
    if reason:
        raise refused(path, reason)
    try:
        store = h5py.File(path, "r")
    except OSError as error:
        raise refused(path, f"the file is damaged, it is not HDF5: {error}") from None
    with store:
        try:
            fault = _fault(store, path.stat().st_size)
        except (OSError, RuntimeError, LookupError, ValueError, TypeError) as error:
            raise refused(path, f"the file is damaged: {error}") from None
        if fault:
            raise refused(path, fault)
        yield store


def _fault(store: h5py.File, size: int) -> str:
    """Return why the content of an HDF5 file of some bytes is not read, empty where it is."""
    import h5py

    groups: list[h5py.Group] = [store]
    seen = set()
    while groups:
        group = groups.pop()
        for name in group:
            link = group.get(name, getlink=True)
            place = f"{group.name.rstrip('/')}/{name}"
            if isinstance(link, h5py.SoftLink):
                continue  # to a name in this file, which is looked at by itself
            item = None if isinstance(link, h5py.ExternalLink) else group[name]
            data = isinstance(item, h5py.Dataset)
            if item is None or (data and (item.is_virtual or item.external)):
                return f"'{place}' points into another file, which is not opened"
            if data and item.nbytes > max(_SMALL, _PACKED * size):
                return f"'{place}' would unpack to {item.nbytes / 1e6:.3g} MB, which is refused"
            number = h5py.h5o.get_info(item.id).addr
            if isinstance(item, h5py.Group) and number not in seen:
                seen.add(number)
                groups.append(item)
    return ""


@contextmanager
def little_memory(path: Path) -> Iterator[None]:
    """Give what reads a file a share of memory that fits its size (Linux; no limit elsewhere).

    Raises:
        InputError: it took more.
    """
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
    except OSError:
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    most = pages * resource.getpagesize() + _ROOM + _PACKED * path.stat().st_size
    if soft != resource.RLIM_INFINITY:
        most = min(most, soft)
    resource.setrlimit(resource.RLIMIT_AS, (most, hard))
    try:
        yield
    except MemoryError:
        raise refused(path, "the file would unpack to far more than its own size") from None
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def beside(path: Path, name: str) -> Path:
    """Return the file that another one names, which must lie in its folder.

    Raises:
        InputError: the name leads out of the folder.
    """
    if not name or name == ".." or "\0" in name or Path(name).name != name:
        raise refused(path, f"it names the file '{name}', expected one beside it")
    return path.parent / name


def refused(path: Path, reason: str, hint: str = "") -> InputError:
    """Return the error of a file that is not used."""
    return InputError([Problem(str(path), "", reason, hint)])
