"""Nodal values of what is known at the points of the triangles: its L2 projection.

The field is linear in each triangle and continuous, and has with each test function the integral
that the expression has. That of a linear expression is the expression.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from petsc4py import PETSc

import ufl
from dolfinx.fem import petsc as fem_petsc

from mesode.errors import SolverError
from mesode.numerics.jit import compile_forms
from mesode.numerics.linear import configure_direct, factor
from mesode.numerics.literals import with_constants

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dolfinx import fem
    from dolfinx.mesh import EntityMap


class NodalProjection:
    """Projects an expression on linear elements (all methods collective).

    Args:
        value: Is filled; in linear elements of a sub-mesh.
        expression: What is projected [UFL].
        measure: Of the triangles of the sub-mesh, on the parent mesh.
        entity_maps: Of all sub-meshes that the expression lives on.
    """

    def __init__(
        self,
        value: fem.Function,
        expression: Any,
        measure: ufl.Measure,
        entity_maps: Sequence[EntityMap],
    ) -> None:
        self._value, space = value, value.function_space
        trial, test = ufl.TrialFunction(space), ufl.TestFunction(space)
        forms = [with_constants(f) for f in (trial * test * measure, expression * test * measure)]
        mass, self._form = compile_forms(forms, entity_maps)
        matrix = fem_petsc.assemble_matrix(mass)
        matrix.assemble()
        self._solver, why = factor(None, matrix, configure_direct)
        if self._solver is None:
            msg = f"a field could not be brought to the nodes: {why}"
            raise SolverError(msg)
        self._right = fem_petsc.create_vector(space)

    def update(self) -> None:
        """Project at the loaded state."""
        with self._right.localForm() as local:
            local.set(0.0)
        fem_petsc.assemble_vector(self._right, self._form)
        self._right.ghostUpdate(addv=PETSc.InsertMode.ADD, mode=PETSc.ScatterMode.REVERSE)
        self._solver.solve(self._right, self._value.x.petsc_vec)
        self._value.x.scatter_forward()
