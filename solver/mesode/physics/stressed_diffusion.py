r"""Lithium in a host under stress, driven by the chemical potential that its voltage shows.

Strong form, per unstrained volume, with the equation of ``diffusion`` and s = c_s/c_max::

    mu = -F P,    P = U(s, T) + W,    W = Omega(s) sigma_h / F                          [V]
    N_s = -D_s c_max (grad s + grad W / U')  =  (D_s c_max / -U') grad P,    U' = dU/ds < 0

The interface takes lithium at the same P (``kinetics``), so a state without current anywhere has
one P, and no state with another is at rest. Without stress this is Fick's law. D_s is the chemical
diffusion coefficient, as experiments give it. grad W holds the gradient of Omega, too. Where a
host runs empty or full U' goes to minus infinity, and stress moves nothing.

**In a triangle.** Storage and charge transfer are integrated at the nodes, so the flux has to
vanish where P is equal *at the nodes*. No gradient of s and W with a mean slope does that; the
difference along an edge does, with the slope of the chord::

    d = (s_n - s_m) - (W_n - W_m) / S,    S = -(U_n - U_m) / (s_n - s_m)

is zero for P_n = P_m, and s_n - s_m where there is no stress. A vector with the differences d_k
along the edges t_k of a triangle of area A, each opposite corner k, is ::

    g = sum_k w_k d_k t_k,    w_k = -t_m . t_n / (4 A^2),    sum_k w_k t_k t_k^T = 1

so that N_s = -D_s c_max g is exact for fields that are linear, and is Fick's law of linear elements
without stress. The flux is constant in a triangle: it needs to be evaluated once.

**In a section that deforms** (``kinematics``) the flux per reference area is -D_s c_max C^-1 (...).
The weights are then those of the triangle as it is now, with the edges F t_k and the area det F A,
while g is still the sum of the reference edges::

    w_k = -(F t_m) . (F t_n) / (4 (A det F)^2),    sum_k w_k t_k t_k^T = C^-1

the law above on the deformed triangle, pulled back: exact for linear fields, none for equal P.

**Slopes that are too small.** On a plateau S is zero and the mobility D_s/S infinite. S is
therefore no less than ::

    S_least = L + max(0, 2 B - K),     B = sigma_h (Omega_n - Omega_m) / (F (s_n - s_m)),
    K = 2 E Omega^2 c_max / (9 (1 - nu) F)

with L = ``LEAST_SLOPE``; in plane stress K is E Omega^2 c_max / (9 F). B is what the stress takes
from the slope of P where swelling is not linear in s, K what the stress of a layer of more lithium
adds to it. With B > S + K a host falls
into two phases (the coherent spinodal), which these equations would place by the size of the
elements. From B = K/2 on S_least keeps lithium flowing down its own gradient. Whoever uses this law
gives it a U that falls by ``STEEP_ENOUGH`` or more (``materials.plateaus``): then nothing but
1.2 (2 B - K) > S, a host near that instability, can keep currents at rest.

Sources: potential and flux, Larche and Cahn, Acta Metall. 21 (1973) 1051; the coherent spinodal,
Cahn, Acta Metall. 9 (1961) 795; the weights of the edges, Duffin, J. Math. Mech. 8 (1959) 793.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ufl

from mesode.physics.kinematics import IDENTITY, Kinematics
from mesode.physics.smooth import ROUNDED, at_least_one

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    type Law = Callable[[Any], Any]

# [V] per lithiation. On the plateaus of graphite one time step in two failed with 5e-4, one in
# twenty fails with 3e-3: the flux of a steeper mobility is too far from linear.
LEAST_SLOPE = 3e-3
STEEP_ENOUGH = (1 + ROUNDED) * LEAST_SLOPE  # [V], slopes from here on count as they are
# The ends of a chord are held apart by a part of the room up to 0 or 1: its slope then is that of
# the curve where both are equal, and off by 1e-9 elsewhere.
_APART, _LEAST_ROOM = 1e-5, 1e-8
_ENDS = ((1, 2), (2, 0), (0, 1))  # corners of the edge that is opposite each corner


def stressed_flux(
    mesh: Any,
    sto: Sequence[Any],
    stress: Sequence[Any],
    U: Law,
    Omega: Law,
    *,
    stiffness: Any,
    conductance: Any,
    kin: Kinematics = IDENTITY,
) -> Any:
    """Return N_s [mol/m^2/s], a constant vector in each triangle.

    Args:
        mesh: Of the triangles.
        sto: Lithiation at the corners of a triangle.
        stress: sigma_h / F there [Pa mol/C].
        U: Open-circuit potential [V] of a lithiation; it falls by ``STEEP_ENOUGH``.
        Omega: Partial molar volume [m^3/mol] of a lithiation.
        stiffness: K / Omega^2 [V mol^2/m^6] of the triangle.
        conductance: D_s c_max [mol/m/s] of the triangle.
        kin: Of the triangle.
    """
    corners = ufl.geometry.CellVertices(mesh)
    edges = [ufl.as_vector([corners[n, k] - corners[m, k] for k in (0, 1)]) for m, n in _ENDS]
    gradient = 0
    for edge, (m, n) in zip(edges, _ENDS, strict=True):
        weight = kin.edge_weight(edges[m], edges[n], ufl.CellVolume(mesh))
        ends = (sto[m], sto[n]), (stress[m], stress[n])
        gradient += weight * drive(*ends, U, Omega, stiffness=stiffness) * edge
    return -conductance * gradient


def drive(
    sto: tuple[Any, Any], stress: tuple[Any, Any], U: Law, Omega: Law, *, stiffness: Any
) -> Any:
    """Return d, the difference of lithiation that drives lithium to the first from the second end.

    Of an edge or a contact; arguments as those of ``stressed_flux``.
    """
    low, high = _apart(*sto)
    least = _least_slope(Omega, (low, high), (stress[0] + stress[1]) / 2, stiffness)
    slope = least * at_least_one((U(low) - U(high)) / (high - low) / least)
    shift = [Omega(s) * p for s, p in zip(sto, stress, strict=True)]
    return sto[1] - sto[0] - (shift[1] - shift[0]) / slope


def _least_slope(Omega: Law, ends: tuple[Any, Any], stress: Any, stiffness: Any) -> Any:
    """Return S_least [V] of an edge."""
    low, high = (Omega(s) for s in ends)
    bend = stress * (high - low) / (ends[1] - ends[0])
    if bend == 0:  # swelling is linear
        return LEAST_SLOPE
    resistance = stiffness * ((low + high) / 2) ** 2
    return LEAST_SLOPE + ufl.max_value(2 * bend - resistance, 0)


def _apart(a: Any, b: Any) -> tuple[Any, Any]:
    """Return the ends of a chord, the lower first, that are never equal."""
    middle = (a + b) / 2
    room = ufl.max_value(middle * (1 - middle), _LEAST_ROOM)
    half = ufl.sqrt((b - a) ** 2 + (_APART * room) ** 2) / 2
    return middle - half, middle + half
