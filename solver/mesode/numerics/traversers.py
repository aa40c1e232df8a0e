"""Lets go of the traversers of UFL, which Python 3.13 keeps for ever.

UFL walks through a form with objects whose method is a ``functools.singledispatchmethod``. Python
3.13 remembers each of these methods together with the object that it belongs to (CPython issue
127750), and with it the form, its functions, their mesh and its MPI communicators. A process that
builds many cells runs out of memory slowly and of MPICH's 2048 communicators suddenly.
"""

from __future__ import annotations

from contextlib import contextmanager
from functools import singledispatchmethod
from typing import TYPE_CHECKING

from ufl.corealg.dag_traverser import DAGTraverser

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def traversers_released() -> Iterator[None]:
    """Forget, at the end of the context, the traversers that walked through forms in it."""
    try:
        yield
    finally:
        for kind in _kinds(DAGTraverser):
            for attribute in vars(kind).values():
                if isinstance(attribute, singledispatchmethod):
                    # other versions of Python have no such memory, or none that holds objects
                    kept = getattr(attribute, "_method_cache", None)
                    if kept is not None:
                        kept.clear()


def _kinds(base: type) -> Iterator[type]:
    yield base
    below: list[type] = base.__subclasses__()
    for kind in below:
        yield from _kinds(kind)
