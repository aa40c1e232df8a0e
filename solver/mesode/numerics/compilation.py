"""Compilation of forms by several processes, of which any may be killed at any moment.

DOLFINx marks a compilation by an empty ``.c`` file in its cache and waits ten seconds for the one
who made it. A process that is killed meanwhile leaves a mark that stops all later runs; two that
compile at once on a busy machine run out of patience. So one process of ours compiles at a time,
under a lock that the system releases when its holder dies, and what a dead one has left unfinished
is removed.
"""

from __future__ import annotations

import fcntl
import math
import time
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dolfinx import fem, jit

from mesode.numerics.literals import with_constants
from mesode.numerics.traversers import traversers_released

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import TextIO

    from mpi4py import MPI

    from dolfinx.mesh import EntityMap

LOCK = "mesode.lock"
_OLD = 600.0  # [s] after which an unfinished compilation of any program is given up


def compile_form(form: Any, entity_maps: Sequence[EntityMap] = ()) -> Any:
    """Compile a form, whose numbers are data (collective)."""
    return compile_as_it_is(with_constants(form), entity_maps)


def compile_as_it_is(forms: Any, entity_maps: Sequence[EntityMap] = ()) -> Any:
    """Compile a form, or nested lists of forms or None, one process at a time (collective)."""
    with compiling(_comm(forms)), traversers_released():
        return fem.form(forms, entity_maps=list(entity_maps))


def _comm(forms: Any) -> MPI.Intracomm | None:
    while isinstance(forms, list | tuple):
        forms = next((f for f in forms if _comm(f) is not None), None)
    if forms is None or forms.empty():
        return None
    return forms.ufl_domain().ufl_cargo().comm


@contextmanager
def compiling(comm: MPI.Intracomm | None) -> Iterator[None]:
    """Hold the lock of the cache while the context lasts; rank 0 does, which compiles for all."""
    if comm is None or comm.rank > 0:
        yield
        return
    folder = Path(jit.get_options()["cache_dir"])
    lock = _open(folder)
    if lock is None:  # a file system without locks, or a cache that is only read
        yield
        return
    with lock:
        died = bool(lock.read(1))  # the last holder did not come to empty it
        _remove_unfinished(folder, 0.0) if died else _once(folder)
        lock.write("held")
        lock.flush()
        try:
            yield
        finally:
            lock.truncate(0)


def _open(folder: Path) -> TextIO | None:
    """Open the lock file and wait for the lock."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        stream = (folder / LOCK).open("a+", encoding="ascii")
        fcntl.flock(stream, fcntl.LOCK_EX)
    except OSError:
        return None
    stream.seek(0)
    return stream


@cache
def _once(folder: Path) -> None:
    _remove_unfinished(folder, _OLD)


def _remove_unfinished(folder: Path, age: float) -> None:
    names = {path.name for path in folder.glob("libffcx_*.c*")}
    before = time.time() - age if age else math.inf  # clocks may be set back
    for name in names:
        if name.endswith(".c") and f"{name}.cached" not in names:
            with suppress(OSError):
                if (folder / name).stat().st_mtime <= before:
                    (folder / name).unlink()
