"""Read a mesh of gmsh (MSH 2.2 and 4.1, text or binary) as data.

gmsh itself is not asked: it carries out the commands in a file that is not a mesh, and those in a
file of options that lies beside one. Here only the sections of a mesh are read, each number is
counted against the size of the file, and everything else is refused by name.

Source: Gmsh reference manual, chapter "File formats", for both versions.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mesode.errors import GeometryError
from mesode.inputs import read_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    import numpy.typing as npt

    type FloatArray = npt.NDArray[np.float64]
    type IntArray = npt.NDArray[np.int64]

# element type of gmsh: name, order, number of points
_KINDS = {
    1: ("line", 1, 2), 8: ("line", 2, 3), 26: ("line", 3, 4), 27: ("line", 4, 5),
    2: ("triangle", 1, 3), 9: ("triangle", 2, 6), 20: ("triangle", 3, 9),
    21: ("triangle", 3, 10), 22: ("triangle", 4, 12), 23: ("triangle", 4, 15),
    3: ("quad", 1, 4), 10: ("quad", 2, 9), 16: ("quad", 2, 8), 36: ("quad", 3, 16),
    4: ("tetrahedron", 1, 4), 11: ("tetrahedron", 2, 10),
    5: ("hexahedron", 1, 8), 12: ("hexahedron", 2, 27), 17: ("hexahedron", 2, 20),
    6: ("prism", 1, 6), 13: ("prism", 2, 18), 18: ("prism", 2, 15),
    7: ("pyramid", 1, 5), 14: ("pyramid", 2, 14), 19: ("pyramid", 2, 13),
    15: ("vertex", 1, 1),
}  # fmt: skip
_HEAD = re.compile(rb"\s*\$MeshFormat[ \t]*\r?\n\s*([\d.]{1,9})\s+(\d)\s+(\d)[ \t]*\r?\n")
_SECTION = re.compile(rb"\s*\$([A-Za-z0-9_]{1,60})[ \t]*\r?\n")
_NAME = re.compile(rb'(\d{1,9})[ \t]+(-?\d{1,9})[ \t]+"([^"\n]*)"')
_COUNT = re.compile(rb"\s*(\d{1,18})[ \t]*\r?\n")
_LONGEST = 40  # characters of a number
_SHOWN = 40  # characters of what is not understood
_CUT = "it is cut off, or announces more numbers than it holds"
_EXPORT = "Export it from gmsh as version 4.1 or 2.2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Elements of a kind, all in the same groups; ``nodes`` (n, points of each): rows."""

    dim: int
    kind: str  # with its order, where the sides are curved
    nodes: IntArray
    groups: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MshFile:
    """``points`` (n, 3); elements in blocks; name of a group by dimension and number."""

    points: FloatArray
    blocks: tuple[Block, ...]
    names: Mapping[tuple[int, int], str]


class _Fault(Exception):
    """What is wrong with the file."""


def read_msh(path: Path) -> MshFile:
    """Read a file.

    Raises:
        GeometryError: it is not a mesh of gmsh, of another version, or damaged.
        InputError: it is not a file, or too large.
    """
    try:
        return _Reader(read_bytes(path)).read()
    except _Fault as error:
        msg = f"{path}: cannot be read as a mesh of gmsh: {error}"
        raise GeometryError(msg) from None


class _Numbers:
    """Numbers of a section, one after the other, as text or as bytes."""

    def __init__(self, data: bytes, begin: int, end: int, *, binary: bool) -> None:
        self.place, self._data, self._next = begin, data, 0
        self._words = None if binary else data[begin:end].split()
        if self._words and max(map(len, self._words)) > _LONGEST:
            raise _Fault("it has something else where a number is expected")

    def integers(self, count: int, kind: str = "i4") -> IntArray:
        return np.asarray(self._take(count, np.dtype(f"<{kind}"), np.dtype(np.int64)))

    def sizes(self, count: int) -> IntArray:
        return self.integers(count, "u8")

    def floats(self, count: int) -> FloatArray:
        return np.asarray(self._take(count, np.dtype("<f8"), np.dtype(np.float64)))

    def size(self) -> int:
        return int(self.sizes(1)[0])

    def rows(self, count: int, kind: np.dtype[np.void]) -> npt.NDArray[np.void]:
        """Return rows of mixed numbers that are stored as bytes."""
        return np.asarray(self._take(count, kind, kind))

    def line(self) -> int:
        """Return the whole number that stands in a line of its own, also in front of bytes."""
        if self._words is not None:
            return int(self.integers(1)[0])
        found = _COUNT.match(self._data, self.place)
        if found is None:
            raise _Fault(_CUT)
        self.place = found.end()
        return int(found[1])

    def rest(self) -> IntArray:
        """Return all that is left of a text."""
        return self.integers(len(self._words or ()) - self._next)

    def _take(self, count: int, stored: np.dtype[Any], wanted: np.dtype[Any]) -> Any:
        words = self._words
        left = len(self._data) - self.place if words is None else len(words) - self._next
        if not 0 <= count * (stored.itemsize if words is None else 1) <= left:
            raise _Fault(_CUT)
        if words is None:
            found = np.frombuffer(self._data, dtype=stored, count=count, offset=self.place)
            self.place += count * stored.itemsize
            return found.astype(wanted)
        self._next += count
        try:
            taken = words[self._next - count : self._next]
            return np.array(taken, dtype=f"S{_LONGEST}").astype(wanted)
        except (ValueError, OverflowError):
            raise _Fault("it has something else where a number is expected") from None


class _Reader:
    """Reads the sections one by one."""

    def __init__(self, data: bytes) -> None:
        self._data, self._binary = data, False
        self._names: dict[tuple[int, int], str] = {}
        self._tags: list[IntArray] = []
        self._points: list[FloatArray] = []
        # type, points, dimension and entity (4.1), or type, points, group of each (2.2)
        self._elements: list[tuple[int, IntArray, tuple[int, int] | IntArray]] = []
        self._groups: dict[tuple[int, int], tuple[int, ...]] = {}

    def read(self) -> MshFile:
        readers, place = self._head()
        while found := _SECTION.match(self._data, place):
            stop, begin = b"$End" + found[1], found.end()
            end = self._data.find(stop, begin)
            read = readers.get(found[1].decode())
            if read is not None and end >= 0:
                text = found[1] == b"PhysicalNames"
                numbers = _Numbers(self._data, begin, end, binary=self._binary or text)
                read(self, numbers)
                end = self._data.find(stop, numbers.place)
            if end < 0:
                raise _Fault(f"the section ${found[1].decode()} has no end: {_CUT}")
            place = end + len(stop)
        rest = self._data[place:].strip()[:_SHOWN].decode("ascii", "replace")
        if rest:
            raise _Fault(f"{rest!r} stands outside of its sections, and is not executed")
        return self._file()

    def _head(self) -> tuple[Mapping[str, Callable[[_Reader, _Numbers], None]], int]:
        """Return what reads each section of this version, and where the head ends."""
        found = _HEAD.match(self._data)
        if found is None:
            first = self._data.strip()[:_SHOWN].split(b"\n")[0].decode("ascii", "replace")
            begin = f"it begins with {first!r}" if first else "it is empty"
            raise _Fault(f"{begin}, expected $MeshFormat. A script of gmsh is not executed")
        version, binary, width = found[1].decode(), found[2] == b"1", int(found[3])
        if version not in _READERS or width != 8:
            raise _Fault(f"it is of version {version} with words of {width} bytes. {_EXPORT}")
        self._binary, place = binary, found.end()
        if binary:
            if self._data[place : place + 4] != b"\x01\0\0\0":
                raise _Fault(f"its bytes are in the other order. {_EXPORT}, as text")
            place += 4
        end = self._data.find(b"$EndMeshFormat", place)
        if end < 0 or self._data[place:end].strip():
            raise _Fault(_CUT)
        return _READERS[version], end + len(b"$EndMeshFormat")

    def _physical_names(self, numbers: _Numbers) -> None:
        end = self._data.find(b"$EndPhysicalNames", numbers.place)
        for dim, number, name in _NAME.findall(self._data[numbers.place : end]):
            self._names[int(dim), int(number)] = name.decode("utf-8", "replace")

    def _partitions(self, _: _Numbers) -> None:
        raise _Fault("it is in partitions. Export it in one part (Mesh.PartitionSplitMeshFiles)")

    def _parametric(self, _: _Numbers) -> None:
        raise _Fault("it holds parametric points. Export it without them (Mesh.SaveParametric = 0)")

    # --- version 2.2

    def _nodes_2(self, numbers: _Numbers) -> None:
        count = numbers.line()
        if self._binary:
            rows = numbers.rows(count, np.dtype([("tag", "<i4"), ("x", "<f8", 3)]))
            self._tags.append(rows["tag"].astype(np.int64))
            self._points.append(rows["x"].astype(np.float64))
            return
        table = numbers.floats(4 * count).reshape(count, 4)
        if not np.all(table[:, 0] == np.round(table[:, 0])):
            raise _Fault("it has something else where the number of a point is expected")
        self._tags.append(table[:, 0].astype(np.int64))
        self._points.append(table[:, 1:])

    def _elements_2(self, numbers: _Numbers) -> None:
        count = numbers.line()
        read = self._bytes_2 if self._binary else self._rows_2
        found: dict[int, list[IntArray]] = {}
        for kind, table in read(numbers, count):
            found.setdefault(kind, []).append(table)
        for kind, tables in found.items():
            table = np.concatenate(tables)
            self._elements.append((kind, table[:, 1:], np.abs(table[:, 0])))

    def _rows_2(self, numbers: _Numbers, count: int) -> list[tuple[int, IntArray]]:
        """Return type, and group and points of each element: rows of different lengths."""
        values, place = numbers.rest().tolist(), 0
        rows: dict[int, list[list[int]]] = {}
        for _ in range(count):
            head = values[place : place + 4]
            if len(head) < 3 or not 0 <= head[2] <= len(values):
                raise _Fault(_CUT)
            begin = place + 3 + head[2]
            place = begin + _width(head[1])
            if place > len(values):
                raise _Fault(_CUT)
            group = head[3] if head[2] else 0
            rows.setdefault(head[1], []).append([group, *values[begin:place]])
        return [(kind, np.array(found, dtype=np.int64)) for kind, found in rows.items()]

    def _bytes_2(self, numbers: _Numbers, count: int) -> list[tuple[int, IntArray]]:
        found = []
        while count > 0:
            kind, many, tags = numbers.integers(3).tolist()
            if many < 1 or tags < 0:
                raise _Fault(_CUT)
            width = 1 + tags + _width(kind)
            table = numbers.integers(many * width).reshape(many, width)
            group = table[:, 1] if tags else np.zeros(many, dtype=np.int64)
            found.append((kind, np.column_stack((group, table[:, 1 + tags :]))))
            count -= many
        return found

    # --- version 4.1

    def _entities_4(self, numbers: _Numbers) -> None:
        for dim, count in enumerate(numbers.sizes(4).tolist()):
            for _ in range(count):
                (tag,) = numbers.integers(1).tolist()
                numbers.floats(6 if dim else 3)  # where it lies
                groups = np.abs(numbers.integers(numbers.size())).tolist()
                self._groups[dim, tag] = tuple(dict.fromkeys(groups))
                if dim:
                    numbers.integers(numbers.size())  # what bounds it

    def _nodes_4(self, numbers: _Numbers) -> None:
        for _ in range(int(numbers.sizes(4)[0])):
            dim, _entity, parametric = numbers.integers(3).tolist()
            count, width = numbers.size(), 3 + (dim if parametric else 0)
            self._tags.append(numbers.sizes(count))
            self._points.append(numbers.floats(count * width).reshape(count, width)[:, :3])

    def _elements_4(self, numbers: _Numbers) -> None:
        for _ in range(int(numbers.sizes(4)[0])):
            dim, entity, kind = numbers.integers(3).tolist()
            count, width = numbers.size(), 1 + _width(kind)
            table = numbers.sizes(count * width).reshape(count, width)
            self._elements.append((kind, table[:, 1:], (dim, entity)))

    # --- put together

    def _file(self) -> MshFile:
        none = np.empty((0, 3))
        points = np.concatenate(self._points) if self._points else none
        tags = np.concatenate(self._tags) if self._tags else np.empty(0, dtype=np.int64)
        known, first = np.unique(tags, return_index=True)
        if len(known) < len(tags):
            raise _Fault(f"{len(tags) - len(known)} numbers of points are there twice")
        blocks = []
        for kind, nodes, where in self._elements:
            title, order, _ = _KINDS[kind]
            place = np.minimum(np.searchsorted(known, nodes), max(len(known) - 1, 0))
            if nodes.size and (len(known) == 0 or np.any(known[place] != nodes)):
                raise _Fault(f"some elements of kind {title} have points that it does not hold")
            title = title if order == 1 else f"{title} of order {order}"
            rows = first[place] if nodes.size else nodes
            blocks += self._blocks(title, rows, where)
        return MshFile(points=points, blocks=tuple(blocks), names=self._names)

    def _blocks(self, kind: str, rows: IntArray, where: tuple[int, int] | IntArray) -> list[Block]:
        if isinstance(where, tuple):
            groups = tuple(g for g in self._groups.get(where, ()) if g)
            return [Block(dim=where[0], kind=kind, nodes=rows, groups=groups)]
        dim = {"vertex": 0, "line": 1, "triangle": 2, "quad": 2}.get(kind.split()[0], 3)
        return [
            Block(dim=dim, kind=kind, nodes=rows[where == g], groups=(g,) if g else ())
            for g in np.unique(where).tolist()
        ]


def _width(kind: int) -> int:
    """Return how many points an element of a type has."""
    if kind not in _KINDS:
        raise _Fault(f"it holds elements of type {kind}; expected triangles and lines")
    return _KINDS[kind][2]


_READERS: dict[str, dict[str, Any]] = {
    "2.2": {
        "PhysicalNames": _Reader._physical_names,
        "ParametricNodes": _Reader._parametric,
        "Nodes": _Reader._nodes_2,
        "Elements": _Reader._elements_2,
    },
    "4.1": {
        "PhysicalNames": _Reader._physical_names,
        "PartitionedEntities": _Reader._partitions,
        "Entities": _Reader._entities_4,
        "Nodes": _Reader._nodes_4,
        "Elements": _Reader._elements_4,
    },
}
