"""What a rule on keys without effect is made of, and the blocks of a case that rules look at."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import TypeAdapter

from mesode.config.base import Block
from mesode.config.electrode import ElectrodeShape
from mesode.config.geometry import Geometry
from mesode.config.phases import electrode_specs
from mesode.section_names import ACTIVE, CARBON_BINDER, COUNTER_PREFIX

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mesode.config.base import Path
    from mesode.config.case import Case

MECHANICS = "physics.mechanics"
LEAVE_OUT = "leave this out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A block of a case and where it stands; ``phase`` of a material, ``counter`` electrode."""

    path: Path
    block: Any
    phase: str = ""
    counter: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Idle:
    """A key that has no effect: why, what to do, paths of the choices that make it so."""

    path: Path
    text: str
    hint: str
    choices: tuple[str, ...]
    refused: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Keys of some blocks that have no effect where a condition holds.

    ``choices`` are paths in the file, or begin with a dot below the block. What is not ``refused``
    is warned of.
    """

    keys: tuple[str, ...]
    of: Callable[[Case], Iterator[Place]]
    where: Callable[[Case, Place], bool]
    text: str
    hint: str
    choices: tuple[str, ...]
    refused: bool = False

    def find(self, case: Case) -> Iterator[Idle]:
        """Yield the keys of a case to which the rule applies."""
        for place in self.of(case):
            keys = [key for key in self.keys if is_given(place.block, key)]
            if not keys or not self.where(case, place):
                continue
            at = ".".join(str(part) for part in place.path)
            choices = tuple(f"{at}{each}" if each[0] == "." else each for each in self.choices)
            for key in keys:
                yield Idle(
                    path=(*place.path, key),
                    text=self.text,
                    hint=self.hint,
                    choices=choices,
                    refused=self.refused,
                )


def is_given(block: Any, key: str) -> bool:
    """Tell whether a key says something else than its default."""
    if key not in type(block).model_fields or key not in block.model_fields_set:
        return False
    kind: type[Block] = type(block)
    return bool(getattr(block, key) != _default(kind, key))


@cache
def _default(cls: type[Block], key: str) -> Any:
    """Return a default as it is once it is read."""
    field = cls.model_fields[key]
    if field.is_required() or field.default is None:
        return None
    kind: Any = field.annotation
    for more in field.metadata:
        kind = Annotated[kind, more]
    return TypeAdapter(kind).validate_python(field.default)


def block(*path: str) -> Callable[[Case], Iterator[Place]]:
    """Return what yields the block at a path, where the case has one."""

    def places(case: Case) -> Iterator[Place]:
        found: Any = case
        for key in path:
            found = getattr(found, key, None)
        if isinstance(found, Block):
            yield Place(path=path, block=found)

    return places


def below(of: Callable[[Case], Iterator[Place]], key: str) -> Callable[[Case], Iterator[Place]]:
    """Return what yields the blocks of a key below others."""

    def places(case: Case) -> Iterator[Place]:
        for place in of(case):
            inner = getattr(place.block, key, None)
            if isinstance(inner, Block):
                yield Place(
                    path=(*place.path, key),
                    block=inner,
                    phase=place.phase,
                    counter=place.counter,
                )

    return places


def shapes(case: Case) -> Iterator[Place]:
    """Yield the electrodes that are drawn or a layer, not those of an image or a mesh."""
    if not isinstance(case.geometry, Geometry):
        return
    for key, counter in (("electrode", False), ("counter", True)):
        shape = getattr(case.geometry, key)
        if isinstance(shape, Block):
            yield Place(path=("geometry", key), block=shape, counter=counter)


def drawn(case: Case) -> Iterator[Place]:
    """Yield the electrodes with particles that are drawn."""
    return (place for place in shapes(case) if isinstance(place.block, ElectrodeShape))


def hosts(case: Case) -> Iterator[Place]:
    """Yield the active materials."""
    return _named(case, ACTIVE)


def binders(case: Case) -> Iterator[Place]:
    """Yield the carbon-binders."""
    return _named(case, CARBON_BINDER)


def coatings(case: Case) -> Iterator[Place]:
    """Yield the coatings."""
    return _single(case, "coating")


def foils(case: Case) -> Iterator[Place]:
    """Yield the foils."""
    return _single(case, "foil")


def films(case: Case) -> Iterator[Place]:
    """Yield the SEI of each electrode."""
    return _single(case, "sei")


def solids(case: Case) -> Iterator[Place]:
    """Yield all materials that may carry load."""
    for kind in (hosts, binders, coatings, foils):
        yield from kind(case)


def _single(case: Case, key: str) -> Iterator[Place]:
    for counter in (False, True):
        spec = getattr(electrode_specs(case.materials, counter=counter), key, None)
        if spec is not None:
            yield Place(path=(*_where(counter=counter), key), block=spec, counter=counter)


def _named(case: Case, kind: str) -> Iterator[Place]:
    for counter in (False, True):
        specs = electrode_specs(case.materials, counter=counter)
        if specs is None:
            continue
        for name, spec in (specs.hosts() if kind == ACTIVE else specs.binders()).items():
            where: Path = (*_where(counter=counter), kind)
            yield Place(
                path=where if name == kind else (*where, name),
                block=spec,
                phase=f"{COUNTER_PREFIX if counter else ''}{name}",
                counter=counter,
            )


def _where(*, counter: bool) -> tuple[str, ...]:
    return ("materials", "counter") if counter else ("materials",)
