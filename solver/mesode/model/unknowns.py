"""The unknowns of a cell: scaled functions, their rates and tests, and what they stand for.

Every unknown is scaled to order one (lithiation instead of mol/m^3, micrometres of displacement),
which keeps the linear algebra well conditioned; ``value`` and ``rate`` are the physical
quantities that the equations are written in.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from math import inf, log10
from typing import TYPE_CHECKING, Any

import basix.ufl
import numpy as np
import ufl
from dolfinx import fem

from mesode.numerics.step_control import ErrorScale

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt
    from dolfinx.mesh import Mesh

    from mesode.model.surfaces import Surface

P1 = ("Lagrange", 1)


class RowKind(StrEnum):
    """What a row is a balance of, which says how its residual is measured (``residual``)."""

    CURRENT = "current"  # [A/m]; their sum is a balance of charge or of lithium
    LAW = "law"  # [A/m], of a current that its law gives: there is nothing to sum
    FORCE = "force"  # scaled, see ``residual.FORCE_SCALE``
    HEAT = "heat"  # [W/m]


@dataclass(frozen=True, slots=True)
class Unknown:
    """One unknown field or number.

    ``scaled`` is the Function solved for, ``scaled_rate`` its time derivative, ``scale`` the SI
    value of one; ``error_weight`` is the multiple of the time tolerance that its local error may
    have, infinite where it is not controlled, measured by ``error_scale``. ``row`` is what its row
    is a balance of. ``bounds`` of the scaled values are kept by the equations, and by the iterates
    on the way to their solution. ``apart`` marks those of its values on this rank whose rows add up
    by themselves, None where all do so together.
    """

    key: str
    scaled: fem.Function
    scaled_rate: fem.Function
    test: Any
    scale: float = 1.0
    error_weight: float = inf
    row: RowKind = RowKind.CURRENT
    error_scale: ErrorScale = ErrorScale.VALUE
    bounds: tuple[float, float] | None = None
    apart: npt.NDArray[np.bool_] | None = field(default=None, compare=False)

    @property
    def size(self) -> int:
        """Number of its values over all ranks."""
        dofmap = self.scaled.function_space.dofmap
        return int(dofmap.index_map.size_global * dofmap.index_map_bs)

    @property
    def value(self) -> Any:
        """The physical quantity as a UFL expression, SI."""
        return self.scale * self.scaled

    @property
    def rate(self) -> Any:
        """Its time derivative, SI per second."""
        return self.scale * self.scaled_rate

    def array(self) -> npt.NDArray[np.float64]:
        """Return the values of all nodes of this rank, ghosts included, SI."""
        return np.asarray(self.scale * self.scaled.x.array)

    def owned(self) -> npt.NDArray[np.float64]:
        """Return the values of the nodes that this rank owns, SI."""
        dofmap = self.scaled.function_space.dofmap
        return self.array()[: dofmap.index_map.size_local * dofmap.index_map_bs]

    def number(self) -> float:
        """Return the value of a section-wide unknown; the same on all ranks."""
        return float(self.scale * self.scaled.x.array[0])

    def set(self, value: float) -> None:
        """Set the unknown to a uniform physical value."""
        self.scaled.x.array[:] = value / self.scale


def host_key(field: str, host: str, hosts: Sequence[str]) -> str:
    """Return the key of a host's unknown: the field's, with the host's name among several."""
    return field if len(hosts) == 1 else f"{field}_{host}"


def surface_key(field: str, surface: Surface, hosts: Sequence[str]) -> str:
    """Return the key of an unknown on a surface: that of its host, and whether it is coated."""
    key = host_key(field, surface.host, hosts)
    return f"{key}_coated" if surface.coated else key


def order_of_magnitude(value: float) -> float:
    """Return the power of ten nearest to a positive value.

    Scales that depend on the geometry are rounded to it: they are literals in the forms, so that
    another geometry finds its forms compiled.
    """
    return float(10.0 ** round(log10(value)))


def number_space(mesh: Mesh) -> fem.FunctionSpace:
    """Return the space of one number of the whole section."""
    return fem.functionspace(mesh, basix.ufl.real_element("triangle", ()))


def make_unknown(
    key: str,
    space: fem.FunctionSpace,
    *,
    scale: float = 1.0,
    error_weight: float = inf,
    row: RowKind = RowKind.CURRENT,
    error_scale: ErrorScale = ErrorScale.VALUE,
    bounds: tuple[float, float] | None = None,
    apart: npt.NDArray[np.bool_] | None = None,
) -> Unknown:
    """Create an unknown with its rate and test function on a space."""
    return Unknown(
        key,
        fem.Function(space, name=key),
        fem.Function(space, name=f"{key}_rate"),
        ufl.TestFunction(space),
        scale,
        error_weight,
        row,
        error_scale,
        bounds,
        apart,
    )
