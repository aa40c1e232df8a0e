"""A process that moves a section as it is told: a displacement of place and time."""

from __future__ import annotations

import numpy as np
import ufl
from dolfinx import fem

from mesode.model.ahead import Ahead
from mesode.model.motion import Motion
from mesode.model.process import Process
from support.mms import L


class Prescribed(Process):
    """u(X, Y, t) in units of ``L``, a numpy function of coordinates in ``L`` and of t [s].

    The phases of the section all move, or those that are named. ``lambda_z`` is a number.
    """

    def __init__(self, cell, displacement, lambda_z=1.0, phases=None):
        self._phases = tuple(phases or cell.domain.phases)
        self._domain = cell.domain.subdomain(self._phases)
        self._u = fem.Function(fem.functionspace(self._domain.mesh, ("Lagrange", 2, (2,))))
        self._displacement, self._t = displacement, None
        self._lambda_z = fem.Constant(cell.domain.mesh, lambda_z)
        self._at(0.0)

    @property
    def entity_maps(self):
        return (self._domain.entity_map,)

    def motion(self):
        return Motion(u=self._u, phases=self._phases, lambda_z=self._lambda_z)

    def ahead(self):
        return Ahead(at=self._at)

    def _at(self, t):
        if t != self._t:
            self._u.interpolate(lambda x: L * np.array(self._displacement(*(x[:2] / L), t)))
            self._t = t


def moving(displacement, **options):
    """Return what makes the process of a cell."""
    return lambda cell: Prescribed(cell, displacement, **options)


def gradient(F):
    """Return the displacement of a homogeneous deformation gradient, whatever the time."""
    (a, b), (c, d) = F

    def displacement(X, Y, _t):
        return ((a - 1) * X + b * Y, c * X + (d - 1) * Y)

    return displacement


def cofactor_inverse(F):
    """Return F^-1 of a 2x2 UFL matrix, written out."""
    det = F[0, 0] * F[1, 1] - F[0, 1] * F[1, 0]
    return ufl.as_matrix([[F[1, 1], -F[0, 1]], [-F[1, 0], F[0, 0]]]) / det, det
