"""Internal states at points: of a surface, of a particle, in the material.

A state is committed where a step in time is accepted; until then the laws read the value that it
had at the begin of the step (``mesode.numerics.states``). Its new value is a law of that, of the
solution at the end of the step and of its length, evaluated at the points of an element: the mean
over what belongs to a point, which is the value there where the quadrature is that of the element.
"""

from __future__ import annotations

from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

import basix.ufl
import numpy as np
import ufl
from dolfinx import fem

from mesode.model.averages import assemble_at
from mesode.model.meshed_section import QUADRATURE
from mesode.numerics.jit import compile_forms
from mesode.numerics.literals import with_constants

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import numpy.typing as npt
    from dolfinx.mesh import EntityMap, Mesh

    type FloatArray = npt.NDArray[np.float64]


def points_in_triangles(mesh: Mesh, shape: tuple[int, ...] = ()) -> fem.FunctionSpace:
    """Return the space of values at the points of volume integrals (``QUADRATURE``).

    ``shape`` of a value: ``()`` for a number, ``(n,)`` for a vector of n numbers.
    """
    element = basix.ufl.quadrature_element("triangle", shape, degree=QUADRATURE, scheme="default")
    return fem.functionspace(mesh, element)


class PointState:
    """A state at the points of a space, a number or a vector (all methods collective).

    ``value`` is the committed state and ``new`` the one on trial, Functions that laws may read;
    without a trial both are the same.

    Args:
        key: Name, in checkpoints too.
        space: Of a sub-mesh, of cells or of lines.
        law: Gives the new value [UFL] from the committed one and the length of the step [s].
        measure: Of the points, on the parent mesh.
        entity_maps: Of all sub-meshes that the law lives on; read at the first update.
        side: ``"+"`` or ``"-"`` where the measure is an interface.
        start: Value at the begin of the run; of a vector, all of its numbers.
    """

    def __init__(
        self,
        key: str,
        space: fem.FunctionSpace,
        law: Callable[[Any, Any], Any],
        measure: ufl.Measure,
        entity_maps: Sequence[EntityMap],
        *,
        side: str = "",
        start: float | Sequence[float] = 0.0,
    ) -> None:
        self.key, self.space = key, space
        self.value, self.new = fem.Function(space, name=key), fem.Function(space)
        self._start = start
        self.reset()
        self._law, self._measure, self._maps, self._side = law, measure, entity_maps, side
        self._dt = fem.Constant(space.mesh, 0.0)
        self._before: FloatArray | None = None

    @property
    def here(self) -> Any:
        """The committed state as the laws of its place see it [UFL]."""
        return self.value(self._side) if self._side else self.value

    @cached_property
    def _forms(self) -> list[fem.Form]:
        q: Any = ufl.TestFunction(self.space)
        one: Any = fem.Constant(self.space.mesh, np.ones(q.ufl_shape))
        dt: Any = self._dt
        if self._side:
            q, one, dt = q(self._side), one(self._side), dt(self._side)
        values = (self._law(self.here, dt), one)
        forms = [ufl.inner(value, q) * self._measure for value in values]
        return list(compile_forms([with_constants(form) for form in forms], self._maps))

    @cached_property
    def _sizes(self) -> FloatArray:
        return assemble_at(self._forms[1], fem.Function(self.space))

    def reset(self) -> None:
        """Take the value at the begin of the run."""
        self.value.x.array.reshape(-1, self.space.dofmap.bs)[:] = self._start
        self.reject()

    def update(self, t: float, dt: float) -> None:
        """Compute the new value at the loaded state, ``dt`` [s] after the committed one."""
        self._dt.value = dt
        values = assemble_at(self._forms[0], self.new)
        there = self._sizes > 0.0
        self.new.x.array[:] = np.where(there, values / np.where(there, self._sizes, 1.0), 0.0)

    def commit(self) -> None:
        """Make the new value the committed one."""
        if self._before is not None:
            self._before[:] = self.value.x.array
        self.value.x.array[:] = self.new.x.array

    def remember(self) -> None:
        """Keep from now on the value that a commit replaces, too."""
        self._before = self.value.x.array.copy()

    @contextmanager
    def as_before(self) -> Iterator[None]:
        """Let laws read what they read in the step accepted last: the value at its begin."""
        if self._before is None:
            raise RuntimeError(f"the state {self.key} was not asked to remember")
        now = self.value.x.array.copy()
        self.value.x.array[:] = self._before
        try:
            yield
        finally:
            self.value.x.array[:] = now

    def reject(self) -> None:
        """Forget the new value."""
        self.new.x.array[:] = self.value.x.array

    def arrays(self) -> dict[str, FloatArray]:
        """Return the committed values that this rank owns."""
        dofmap = self.space.dofmap
        owned = dofmap.index_map.size_local * dofmap.index_map_bs
        return {self.key: self.value.x.array[:owned].copy()}

    def spaces(self) -> Mapping[str, fem.FunctionSpace]:
        """Return the space of each array, which says in what order it is kept."""
        return {self.key: self.space}

    def restore(self, arrays: Mapping[str, FloatArray]) -> None:
        """Take over committed values."""
        self.value.x.array[: len(arrays[self.key])] = arrays[self.key]
        self.value.x.scatter_forward()
        self.reject()
