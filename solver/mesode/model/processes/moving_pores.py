"""Pores of a section that moves: their volume, the salt in them, and what is squeezed out.

See ``mesode.physics.moving_pores``. Three fields are unknowns beside c_e, so that their rates are
those of the time integration, and what is conserved is so exactly:

- ``por``, the pore volume, which is given by the motion;
- ``salt`` = por c_e, which is stored;
- ``phi_Q``, the potential of the flow;

and one number, ``salt_left`` [mol/m^2], the salt that has left per area of the electrode. All are
stored at the nodes (the volume around a node is integrated where the mechanics has its points). The
rows of what is given or stored are currents, too: the charge of the salt at rest in an hour.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from dolfinx import fem

from mesode.columns import ELECTROLYTE_OUT, SALT_OUT
from mesode.constants import FARADAY
from mesode.errors import ModelError
from mesode.model import currents
from mesode.model.averages import assemble_at
from mesode.model.process import Process, Seen
from mesode.model.unknowns import P1, RowKind, make_unknown, number_space, order_of_magnitude
from mesode.numerics.jit import compile_forms
from mesode.numerics.literals import with_constants
from mesode.physics import diffusion, moving_pores
from mesode.section_names import SEPARATOR

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import ufl

    from mesode.model.cell import Cell
    from mesode.model.process import Term
    from mesode.model.unknowns import Unknown

HOUR = 3600.0  # [s]
EASE = 100.0  # conductance of the outlet over that of an electrode as thick as the section


class MovingPores(Process):
    """Volume, salt and flow of the pores of a section that moves."""

    def __init__(self, cell: Cell) -> None:
        self._cell, self._rest = cell, cell.materials.electrolyte.concentration
        self._height = cell.area(cell.domain.phases) / cell.width
        space = fem.functionspace(cell.pore_domain.mesh, P1)
        self.por = make_unknown("por", space, row=RowKind.LAW)
        self.salt = make_unknown("salt", space, scale=self._rest, row=RowKind.LAW)
        flow = order_of_magnitude(self._height**2 / HOUR)
        self.phi_Q = make_unknown("phi_Q", space, scale=flow)
        number = number_space(cell.domain.mesh)
        scale = order_of_magnitude(self._rest * self._height)
        self.salt_left = make_unknown("salt_left", number, scale=scale)
        self._outlets = tuple(self._make_outlets())

    def _make_outlets(self) -> Iterator[tuple[Any, ufl.Measure]]:
        """Yield where electrolyte leaves, and h [1/m, or 1/m^2 of a part of the section].

        At the lithium metal; in a full section all over the separator. Pores that the section cuts
        off are joined to it behind the section.
        """
        cell, h = self._cell, EASE / self._height
        if not cell.is_full:
            yield h, cell.ds_counter
        elif SEPARATOR in cell.domain.phases:
            yield h / self._height, cell.dx(cell.tag(SEPARATOR))
        else:
            msg = "a section that moves needs a separator for its electrolyte to leave: name one so"
            raise ModelError(msg)
        third = cell.setup.third
        if third.cuts_ions and third.ions is not None:
            pores = np.isin(cell.domain.cell_tag, cell.domain.tags(cell.pores))
            yield h / self._height, cell.domain.dx_of(third.ions & pores, quadrature_degree=2)

    @property
    def unknowns(self) -> Sequence[Unknown]:
        """Pore volume, salt, potential of the flow, and the salt that has left."""
        return (self.por, self.salt, self.phi_Q, self.salt_left)

    def terms(self) -> Iterator[Term]:
        """Yield what pores hold and the storage of the salt, the flow and what it carries."""
        cell, por, salt, c_e = self._cell, self.por, self.salt, self.c_e
        per_hour = FARADAY * self._rest / HOUR
        for phase in cell.pores:
            dx, nodes = cell.dx(cell.tag(phase)), cell.dx_nodes(cell.tag(phase))
            given = currents.pore_volume(cell, phase) * por.test * dx
            yield por, per_hour * (por.value * por.test * nodes - given)
            held = (salt.value - por.value * c_e.value) * salt.test * nodes
            yield salt, FARADAY / HOUR * held
            yield c_e, diffusion.storage(salt.rate, c_e.test, nodes)
            yield from self._flow(por.rate, self._Q(phase), dx, nodes)
        yield from self._outflow()

    @property
    def c_e(self) -> Unknown:
        """Salt concentration [mol/m^3]."""
        return self._cell.c_e

    def _Q(self, phase: str) -> Any:
        """Flow of the electrolyte in a phase, per reference area [m/s]."""
        cell = self._cell
        kin, N_M = cell.kinematics(phase), currents.macmullin(cell, phase)
        return moving_pores.flow(self.phi_Q.value, N_M, kin)

    def _flow(self, rate: Any, Q: Any, dx: ufl.Measure, nodes: ufl.Measure) -> Iterator[Term]:
        """Yield Div Q = -d(por)/dt and Div(c Q), currents of the salt at rest [A/m]."""
        v, rest = self.phi_Q.test, self._rest
        yield self.phi_Q, diffusion.storage(rest * rate, v, nodes)
        yield self.phi_Q, diffusion.transport(rest * Q, v, dx)
        yield self.c_e, diffusion.transport(self.c_e.value * Q, self.c_e.test, dx)

    def _outflow(self) -> Iterator[Term]:
        """Yield what leaves the section, of electrolyte and of salt, and that it is counted."""
        c_e, left = self.c_e, self.salt_left
        yield left, FARADAY * left.rate * left.test * self._cell.ds_collector
        for h, where in self._outlets:
            q = h * self.phi_Q.value
            salt = FARADAY * moving_pores.carried(q, c_e.value, self._rest)
            yield self.phi_Q, FARADAY * self._rest * q * self.phi_Q.test * where
            yield c_e, salt * c_e.test * where
            yield left, -salt * left.test * where

    # --- the state at rest

    def take_shape(self) -> None:
        """Fill the pores, as the section has them at rest."""
        space = self.por.scaled.function_space
        given, size = (assemble_at(form, fem.Function(space)) for form in self._sizes)
        self.por.scaled.x.array[:] = given / size
        self.salt.scaled.x.array[:] = self.por.scaled.x.array * self.c_e.scaled.x.array

    @cached_property
    def _sizes(self) -> tuple[fem.Form, ...]:
        """Pore volume around each node, and all of the volume there [m^2]."""
        cell, v, one = self._cell, self.por.test, fem.Constant(self._cell.domain.mesh, 1.0)
        tags = [(phase, cell.tag(phase)) for phase in cell.pores]
        pores = sum(currents.pore_volume(cell, phase) * v * cell.dx(tag) for phase, tag in tags)
        everything = sum(one * v * cell.dx_nodes(tag) for _, tag in tags)
        forms = [with_constants(form) for form in (pores, everything)]
        return tuple(compile_forms(forms, cell.entity_maps))

    # --- reports

    def integrals(self) -> Mapping[str, ufl.Form]:
        """Return the salt beyond that at rest, what has left of it [mol/m], the pores [m^2]."""
        cell, one = self._cell, fem.Constant(self._cell.domain.mesh, 1.0)
        tags = [(cell.materials.ionic(p).porosity, cell.dx_nodes(cell.tag(p))) for p in cell.pores]
        beyond = sum((self.salt.value - eps * self._rest) * dx for eps, dx in tags)
        left = self.salt_left.value * cell.ds_collector
        return {
            "salt": beyond + left,
            "rest salt": sum(one * eps * self._rest * dx for eps, dx in tags),
            "salt left": left,
            "pores": sum(self.por.value * dx for _, dx in tags),
        }

    def columns(self, seen: Seen) -> Mapping[str, float]:
        """Return which parts of the electrolyte and of the salt have left."""
        rest = seen.integrals["rest salt"]
        return {
            ELECTROLYTE_OUT: 1.0 - seen.integrals["pores"] * self._rest / rest,
            SALT_OUT: seen.integrals["salt left"] / rest,
        }
