"""Cell-wise means of expressions that jump between cells: fluxes, stresses, surface currents.

The mean over a cell is the projection on piecewise constants: the integral with a test function
that is one in the cell, over the size of the cell.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from mpi4py import MPI

import numpy as np
import ufl
from dolfinx import fem, la

from mesode.numerics.jit import compile_forms
from mesode.numerics.literals import with_constants

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt
    from dolfinx.mesh import EntityMap

    from mesode.mesh.domain import Subdomain
    from mesode.model.surfaces import SpreadMeasure, Surface

type FloatArray = npt.NDArray[np.float64]
#: Expressions and the measure to integrate them with, for one part of the domain.
type Part = tuple[Sequence[Any], ufl.Measure | SpreadMeasure]


class CellMeans:
    """Means over the cells of a sub-mesh, several expressions at once (collective).

    ``sizes``: area of each cell, or length of its interface, shape (cells with ghosts,).

    Args:
        domain: Sub-mesh whose cells are meant.
        parts: Expressions (the same number in each part) and measures on the parent mesh.
        entity_maps: Of all sub-meshes that the expressions live on.
        side: ``"+"`` where the measures are interfaces with the sub-mesh on that side; the mean
            is then over the cell's share of the interface, zero where it has none.
    """

    def __init__(
        self,
        domain: Subdomain,
        parts: Sequence[Part],
        entity_maps: Sequence[EntityMap],
        *,
        side: str = "",
    ) -> None:
        self._count = len(parts[0][0])
        shape = () if self._count == 1 else (self._count,)
        space = fem.functionspace(domain.mesh, ("DG", 0, shape))
        test, size_test = ufl.TestFunction(space), ufl.TestFunction(_scalar(domain))
        if side:
            test, size_test = test(side), size_test(side)
        integrals = [ufl.inner(_vector(values), test) * measure for values, measure in parts]
        one = fem.Constant(domain.mesh, 1.0)
        sizes = [_constant(one, side) * size_test * measure for _, measure in parts]
        forms = [with_constants(sum(parts[1:], parts[0])) for parts in (integrals, sizes)]
        self._form, size_form = compile_forms(forms, entity_maps)
        self._function = fem.Function(space)
        self.sizes = assemble_at(size_form, fem.Function(_scalar(domain)))

    def compute(self) -> FloatArray:
        """Return the means at the loaded state, shape (cells with ghosts, expressions)."""
        values = assemble_at(self._form, self._function).reshape(-1, self._count)
        size = self.sizes[:, None]
        return np.divide(values, size, out=np.zeros_like(values), where=size > 0.0)


class SurfaceMeans:
    """Means over what each cell of the hosts has of the surfaces, as ``CellMeans`` (collective).

    ``sizes``: as of ``CellMeans``; of a cell in a layer the surface of its particles.

    Args:
        domain: The sub-mesh of the hosts.
        values: Expressions on the side of the hosts, the same number on each surface.
        entity_maps: As of ``CellMeans``.
    """

    def __init__(
        self,
        domain: Subdomain,
        values: Mapping[Surface, Sequence[Any]],
        entity_maps: Sequence[EntityMap],
    ) -> None:
        parts: dict[str, list[Part]] = {}  # a cell has the surfaces of one side, or none
        for surface, own in values.items():
            parts.setdefault(surface.inside, []).append((own, surface.dS))
        self._means = [CellMeans(domain, p, entity_maps, side=s) for s, p in parts.items()]
        self.sizes: FloatArray = np.stack([means.sizes for means in self._means]).sum(axis=0)

    def compute(self) -> FloatArray:
        """Return the means at the loaded state, shape (cells with ghosts, expressions)."""
        values: FloatArray = np.stack([m.compute() for m in self._means]).sum(axis=0)
        return values


def assemble_scalar(comm: MPI.Intracomm, form: fem.Form) -> float:
    """Assemble a compiled form over all ranks (collective)."""
    return float(comm.allreduce(fem.assemble_scalar(form), op=MPI.SUM))


def _constant(one: fem.Constant, side: str) -> Any:
    return one(side) if side else one


def _scalar(domain: Subdomain) -> fem.FunctionSpace:
    return fem.functionspace(domain.mesh, ("DG", 0))


def _vector(values: Sequence[Any]) -> Any:
    return values[0] if len(values) == 1 else ufl.as_vector(list(values))


def assemble_at(form: fem.Form, function: fem.Function) -> FloatArray:
    """Assemble a compiled form with a test function in the space of a Function (collective).

    Returns a value for each of its unknowns, ghosts included; the Function is written over.
    """
    array: FloatArray = function.x.array
    array[:] = 0.0
    fem.assemble_vector(array, form)
    function.x.scatter_reverse(la.InsertMode.add)
    function.x.scatter_forward()
    return array.copy()
