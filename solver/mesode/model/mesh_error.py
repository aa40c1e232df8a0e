"""By how much the voltage would move on a much finer mesh, estimated from the solution itself.

Linear elements lose what a field curves within a triangle. With one flux through the surface of a
host the error of its mean concentration there is that of the dissipation, per flux::

    j L (c_h - c) = sum over triangles of  D |grad (c_h - c)|^2   +   storage at the nodes

The gradient of the error is estimated by its jumps from triangle to triangle and, at the surface,
by what the outermost triangles take up; the constant is that of a parabola, in one dimension and on
equal triangles in two. The second part is the difference of (c, dc/dt) at the nodes and exactly: in
a layer that lithium has just reached it is twice the first, and nothing in a quasi-steady state.
The potential makes a voltage of it: the surface is in truth by so much nearer to where it goes, but
not beyond the range in which the curve is known (its slope alone tells nothing where it bends
within the error). For the ionic potential the dissipation is one:
V I = sum kappa |grad (phi - phi_h)|^2. Errors of the concentration of ions are not estimated, nor
those of the electrons' potential and of stress.

Where the section moves or stress drives lithium the jumps are those of the fluxes that the model
has, q = N_s / c_max and q = kappa grad phi, per reference area: what is smooth there is neither a
gradient on the section as it is drawn nor that of the concentration alone. With the conductance
K = D C^-1 or kappa J C^-1 (``physics.kinematics``) and the reference normal N the energy behind a
jump is (jump q . N)^2 / (N . K N), per reference area, the same as on the deformed triangle.

I is the largest current so far: after a step to a smaller one the gradients are still those that
the larger one has made.

Source of the first step: the error of a quantity that is its own dual is the energy of the error,
Becker and Rannacher, Acta Numerica 10 (2001) 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import copysign
from typing import TYPE_CHECKING, Any

from mpi4py import MPI

import numpy as np
import ufl

from mesode.constants import FARADAY
from mesode.materials.ends import potential
from mesode.materials.ops import NUMPY, ufl_ops
from mesode.model import currents
from mesode.model.averages import CellMeans

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt
    from dolfinx import fem

    from mesode.materials.ends import Potential
    from mesode.mesh.domain import Subdomain
    from mesode.model.cell import Cell

    type FloatArray = npt.NDArray[np.float64]
    type IntArray = npt.NDArray[np.int64]

_STO_STEP = 1e-4  # least error of a lithiation that a difference of potentials is taken of
_LEAST_CURRENT = 1e-6  # of 1C: below it no current has flown yet


@dataclass(frozen=True, slots=True)
class _Conducted:
    """``flux`` (m, 2) in each triangle per reference area, and its conductance K (m, 2, 2)."""

    flux: FloatArray
    K: FloatArray

    def along(self, normal: FloatArray, cells: IntArray) -> FloatArray:
        """Return N . K N of normals (k, 2) in triangles (k,)."""
        return np.asarray(np.einsum("kc,kcd,kd->k", normal, self.K[cells], normal))


class _Fluxes:
    """The fluxes of the model in the phases of a sub-mesh, to be had at the loaded state.

    Args:
        domain: The sub-mesh.
        fluxes: Of each phase, with the columns of K, UFL.
    """

    def __init__(self, cell: Cell, domain: Subdomain, fluxes: dict[str, tuple[Any, ...]]) -> None:
        parts = [
            ([vector[k] for vector in vectors for k in (0, 1)], cell.dx_once(cell.tag(phase)))
            for phase, vectors in fluxes.items()
        ]
        self._means = CellMeans(domain, parts, cell.entity_maps)

    def compute(self) -> _Conducted:
        """Return them (collective)."""
        values = self._means.compute()
        return _Conducted(values[:, :2], values[:, 2:].reshape(-1, 2, 2))


def _columns(coefficient: Any, conduct: Callable[[Any], Any]) -> tuple[Any, Any]:
    """Return the columns of K, that conducts a gradient times a coefficient."""
    return tuple(coefficient * conduct(ufl.as_vector(e)) for e in ((1.0, 0.0), (0.0, 1.0)))


def _host_fluxes(cell: Cell, host: str) -> _Fluxes:
    """Return the flux of the lithiation in a host [m/s]."""
    lithium = cell.materials.lithium(host)
    D_s = lithium.D_s(sto=cell.sto[host].value, T=cell.temperature(), ops=ufl_ops())
    flux = currents.N_s(cell, host) / lithium.c_max
    K = _columns(D_s, cell.kinematics(host).diffused)
    return _Fluxes(cell, cell.host_domains[host], {host: (flux, *K)})


def _ion_fluxes(cell: Cell) -> _Fluxes:
    """Return what the ionic potential drives in the pores [A/m^2], of either sign."""
    fluxes = {}
    for phase in cell.pores:
        conducted = cell.kinematics(phase).conducted
        bulk = currents.electrolyte_transport(cell, phase)
        kappa = bulk.kappa / bulk.macmullin
        fluxes[phase] = (kappa * conducted(ufl.grad(cell.phi_e.value)), *_columns(kappa, conducted))
    return _Fluxes(cell, cell.pore_domain, fluxes)


@dataclass(frozen=True, slots=True)
class _Field:
    """A linear field on a sub-mesh: gradients, and the facets between its triangles.

    ``slope`` (m, 3, 2): gradient of the three shape functions [1/m]; ``pairs`` (k, 2): triangles
    on either side of a facet, ``normal`` (k, 2), ``weight`` (k,): the part of it that is ours.
    """

    dofs: IntArray
    area: FloatArray
    slope: FloatArray
    owned: int
    pairs: IntArray
    normal: FloatArray
    weight: FloatArray

    def isotropic(self, values: FloatArray, coefficient: FloatArray) -> _Conducted:
        """Return what a conductance of each triangle conducts, of a field's values at its nodes."""
        slope = np.einsum("mnd,mn->md", self.slope, values[self.dofs])
        return _Conducted(coefficient[:, None] * slope, coefficient[:, None, None] * np.eye(2))

    def error_energy(self, conducted: _Conducted) -> float:
        """Return our part of the integral of grad error . K grad error."""
        a, b = self.pairs.T
        jump = ((conducted.flux[a] - conducted.flux[b]) * self.normal).sum(axis=1)
        mean = 0.5 * (conducted.along(self.normal, a) + conducted.along(self.normal, b))
        return float(np.sum(self.weight * jump**2 / mean * (self.area[a] + self.area[b])) / 12.0)

    def lumping(self, values: FloatArray, rates: FloatArray) -> float:
        """Return our part of the integral of values times rates: at the nodes less exactly."""
        u, v = values[self.dofs[: self.owned]], rates[self.dofs[: self.owned]]
        both = (u * v).sum(axis=1) - u.sum(axis=1) * v.sum(axis=1) / 3.0
        return float(np.sum(self.area[: self.owned] * both) / 4.0)


def _make_field(function: fem.Function) -> _Field:
    """Return the geometry of a linear field (collective)."""
    space = function.function_space
    mesh = space.mesh
    x = mesh.geometry.x[mesh.geometry.dofmaps[0].reshape(-1, 3)][..., :2]
    opposite = np.roll(x, 1, axis=1) - np.roll(x, -1, axis=1)  # side opposite to each corner
    doubled = np.linalg.det(np.stack([x[:, 1] - x[:, 0], x[:, 2] - x[:, 0]], axis=1))
    slope = np.stack([-opposite[..., 1], opposite[..., 0]], axis=-1) / doubled[:, None, None]
    mesh.topology.create_entities(1)
    for dimensions in ((2, 1), (1, 2)):
        mesh.topology.create_connectivity(*dimensions)
    cells_of = mesh.topology.connectivity(1, 2)
    inner = np.flatnonzero(np.diff(cells_of.offsets) == 2)
    first = cells_of.offsets[inner]
    pairs = np.stack([cells_of.array[first], cells_of.array[first + 1]], axis=1).astype(np.int64)
    facets_of = mesh.topology.connectivity(2, 1).array.reshape(-1, 3)
    corner = np.argmax(facets_of[pairs[:, 0]] == inner[:, None], axis=1)
    across = slope[pairs[:, 0], corner]  # the shape function that is zero on the facet
    owned = mesh.topology.index_map(2).size_local
    return _Field(
        dofs=np.asarray(space.dofmap.list, dtype=np.int64).reshape(-1, 3),
        area=0.5 * np.abs(doubled),
        slope=slope,
        owned=int(owned),
        pairs=pairs,
        normal=across / np.hypot(*across.T)[:, None],
        weight=0.5 * (pairs < owned).sum(axis=1),
    )


@dataclass(frozen=True, slots=True)
class _Surface:
    """The facets of a host with pores: two dofs each, normal, length, height of its triangle."""

    dofs: IntArray
    cells: IntArray
    normal: FloatArray
    length: FloatArray
    height: FloatArray


def _make_surface(cell: Cell, host: str, field: _Field) -> _Surface:
    part = cell.host_domains[host]
    parents, local = cell.domain.interface((host,), cell.pores).reshape(-1, 4)[:, :2].T
    cells = cell.domain.cells_in(part)[parents].astype(np.int64)
    corners = np.array([[1, 2], [0, 2], [0, 1]])[local]  # facet k is opposite to corner k
    across = field.slope[cells, local]
    height = 1.0 / np.hypot(*across.T)
    return _Surface(
        dofs=np.take_along_axis(field.dofs[cells], corners, axis=1),
        cells=cells,
        normal=across * height[:, None],
        length=2.0 * field.area[cells] / height,
        height=height,
    )


class MeshCost:
    """The estimate for a cell; ``see`` each accepted time step in turn (collective)."""

    def __init__(self, cell: Cell) -> None:
        self._cell = cell
        self._hosts = {host: _make_field(cell.sto[host].scaled) for host in cell.drawn}
        self._surfaces = {h: _make_surface(cell, h, f) for h, f in self._hosts.items()}
        self._ions = _make_field(cell.phi_e.scaled)
        tags = cell.domain.cell_tag[cell.pore_domain.cells]
        macmullin = {cell.tag(phase): cell.materials.ionic(phase).macmullin for phase in cell.pores}
        self._macmullin = np.array([macmullin[tag] for tag in tags.tolist()])
        # the model's own forms cost a compilation: only where gradients do not tell it all
        moves = cell.motion is not None
        under_stress = {h for h in self._hosts if currents.stress_of(cell, h) is not None}
        self._fluxes = {h: _host_fluxes(cell, h) for h in self._hosts if moves or h in under_stress}
        self._ion_fluxes = _ion_fluxes(cell) if moves else None
        self._before: dict[str, FloatArray] = {}
        self.t = 0.0
        self.largest_current = 0.0  # [A/m^2]
        self.remember(0.0)

    def remember(self, t: float) -> None:
        """Take the present state as the one that rates are counted from."""
        self.t = t
        for host in self._hosts:
            self._before[host] = self._cell.sto[host].scaled.x.array.copy()

    def see(self, t: float) -> dict[str, float]:
        """Return the error [V] by the hosts' and by the electrolyte's mesh (collective).

        Nothing before any current has flown, and for two states at one time.
        """
        cell, dt = self._cell, t - self.t
        self.largest_current = max(self.largest_current, abs(cell.I.number()))
        if dt <= 0.0:
            return {}
        own = [self._energy(host, dt) for host in self._hosts]
        self.remember(t)
        if self.largest_current < _LEAST_CURRENT * cell.current_1C:
            return {}
        parts = np.array([*own, (self._electrolyte(), 0.0)])
        cell.domain.comm.Allreduce(MPI.IN_PLACE, parts, op=MPI.SUM)
        current = self.largest_current * cell.width
        moved = 0.0
        for host, (energy, taken) in zip(self._hosts, parts[:-1].tolist(), strict=True):
            off = energy * FARADAY * cell.materials.lithium(host).c_max / current
            moved += self._moved(host, copysign(1.0, taken) * off)
        return {"lithium": moved, "electrolyte": float(parts[-1, 0]) / current}

    def _energy(self, host: str, dt: float) -> tuple[float, float]:
        """Return our parts of the energy of the error and of what is taken up [m^2/s]."""
        field, rim = self._hosts[host], self._surfaces[host]
        sto = self._cell.sto[host].scaled.x.array
        rate = (sto - self._before[host]) / dt
        conducted = self._in_host(host)
        taken, D_s = rate[rim.dofs].mean(axis=1), conducted.along(rim.normal, rim.cells)
        energy = field.error_energy(conducted) + field.lumping(sto, rate)
        energy += np.sum(rim.height**3 * rim.length * taken**2 / (24.0 * D_s))
        held = rate[field.dofs[: field.owned]].mean(axis=1) * field.area[: field.owned]
        return float(energy), float(np.sum(held))

    def _in_host(self, host: str) -> _Conducted:
        """Return the flux of the lithiation in a host [m/s], of either sign (collective)."""
        if host in self._fluxes:
            return self._fluxes[host].compute()
        field, sto = self._hosts[host], self._cell.sto[host].scaled.x.array
        law, T = self._cell.materials.lithium(host), self._cell.kelvins
        D_s = _each(law.D_s(sto=sto[field.dofs].mean(axis=1), T=T, ops=NUMPY), len(field.dofs))
        return field.isotropic(sto, D_s)

    def _moved(self, host: str, off: float) -> float:
        """Return the mean [V] of what ``voltage_error`` is at the surface (collective).

        By the length of the surface as it is drawn.
        """
        rim, ocp = self._surfaces[host], potential(self._cell.materials.lithium(host).ocp)
        at = self._cell.sto[host].scaled.x.array[rim.dofs].mean(axis=1)
        each = voltage_error(ocp, at, off, self._cell.kelvins)
        sums = np.array([np.sum(each * rim.length), np.sum(rim.length)])
        self._cell.domain.comm.Allreduce(MPI.IN_PLACE, sums, op=MPI.SUM)
        return float(sums[0] / sums[1]) if sums[1] > 0.0 else 0.0

    def _electrolyte(self) -> float:
        """Return our part of the dissipation of the error of the ionic potential [W/m]."""
        cell, field = self._cell, self._ions
        if self._ion_fluxes is not None:
            return field.error_energy(self._ion_fluxes.compute())
        c_e = cell.c_e.scale * cell.c_e.scaled.x.array[field.dofs].mean(axis=1)
        kappa = cell.materials.electrolyte.kappa(c_e=c_e, T=cell.kelvins, ops=NUMPY)
        return field.error_energy(
            field.isotropic(cell.phi_e.scaled.x.array, kappa / self._macmullin)
        )


def voltage_error(ocp: Potential, sto: FloatArray, off: float, T: float) -> FloatArray:
    """Return by how much [V] the potential is another one where sto is so much too small.

    At T [K]. Outside of the range in which the curve is known no current passes: there it moves no
    voltage.
    """
    step = copysign(max(abs(off), _STO_STEP), off)
    ends = [np.clip(at, ocp.ends.low, ocp.ends.high) for at in (sto, sto + step)]
    here, there = (ocp.known(sto=at, T=T, ops=NUMPY) for at in ends)
    return np.asarray(np.abs(there - here) * (off / step))


def _each(value: Any, number: int) -> FloatArray:
    return np.broadcast_to(np.asarray(value, dtype=np.float64), (number,))
