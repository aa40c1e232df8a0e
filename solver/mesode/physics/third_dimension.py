r"""The third dimension: parts that a section cuts off hang on the electrode behind the section.

A plane through a body cuts its networks: what is one network in the body falls into pieces in the
plane. A piece that has no path in the plane has one in front of the plane or behind it. There lies
the *backbone*, the same electrode, homogenised, with the effective transport of its volume, on the
same area as the electrode in the section. A piece of a network at (x, y) leaks into the backbone
at (x, y); the backbone conducts to the collector (electrons) or to the separator (ions).

Electrons: potential phi_b [V], effective conductivity sigma_eff [S/m] of the volume, length l [m]
of the way out of the plane::

    cut off:     div i_s = -j_s,     j_s = sigma_eff / l^2 (phi_s - phi_b)              [A/m^3]
    backbone:    div i_b = j_s,      i_b = -f sigma_eff grad phi_b                      [A/m^2]
    collector:   i_b . n = f a (phi_b - V) / R_contact

Ions: potential phi_eb [V] and concentration c_b [mol/m^3], MacMullin number N of the volume. The
laws of the electrolyte are taken at the mean concentration of both sides::

    j_e = kappa / (N l^2) [phi_e - phi_eb - (2 R T / F) (1 - t_plus) tdf ln(c_e / c_b)]  [A/m^3]
    n_e = D_e / (N l^2) (c_e - c_b) + t_plus j_e / F                                [mol/m^3/s]
    cut off:     div i_e = -j_e,     eps dc_e/dt + div N_e = -n_e
    backbone:    div i_eb = j_e,     div N_eb = n_e

with i_eb and N_eb those of ``electrolyte`` for the MacMullin number N / f. Where the backbone meets
the separator, ions pass by the same law over the short way l / 10, with f kappa / N and f D_e / N
[per m^2 of electrode]: what that takes is a hundredth of what a way of 10 l takes, and rounding
of the potentials stays below the balances that are checked. All leaks are positive out of the
section. They stand in the row of the one side with the sign of the other, so charge, lithium and
salt are conserved.

``f`` is the share of the network's area that is cut off. The backbone stands for the ways of that
share alone: it carries f I through f sigma_eff, which is the drop that I makes in the volume. A
network of one piece has f = 0 and no backbone, so it is left as it is; where all is cut off the
backbone is the electrode. ``a``, the share of the collector that conductors touch, is their area
share (the plane, the line and the volume have the same shares: Delesse 1847).

The backbone has no storage: it is a way, not a volume. All salt and all lithium are those of the
section, whose pieces are counted already, as in the same section uncut. c_b and phi_eb follow at
once, as phi_b does.

Limits. A piece conducts beside the backbone: one as long as the electrode is thick has, within
it, up to half the ohmic drop of the volume. Pieces that are connected in the plane keep their
plane paths, which are longer than those of the volume. A pore that is closed in the body too
cannot be told from one that the plane has cut.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ufl

from mesode.constants import FARADAY, GAS_CONSTANT
from mesode.physics.electrolyte import positive

if TYPE_CHECKING:
    from mesode.physics.electrolyte import Transport

#: Way from the backbone into the separator, in parts of l.
FOOT = 0.1


def electron_leak(phi_s: Any, phi_b: Any, conductance: Any) -> Any:
    """Return j_s [A/m^3] for potentials [V] and a conductance sigma_eff / l^2 [S/m^3]."""
    return conductance * (phi_s - phi_b)


def ion_leak(
    section: tuple[Any, Any], backbone: tuple[Any, Any], bulk: Transport, T: Any, way: Any
) -> tuple[Any, Any]:
    """Return j_e [A/m^3] and n_e [mol/m^3/s], the flux of lithium ions, out of the section.

    Args:
        section: c_e [mol/m^3] and phi_e [V].
        backbone: c_b and phi_eb.
        bulk: Laws at the mean concentration, and the MacMullin number of the way.
        T: Temperature [K].
        way: 1 / l^2 [1/m^2]; 1 / length [1/m] for the currents per area of a surface.
    """
    (c_e, phi_e), (c_b, phi_eb) = section, backbone
    open_share = way / bulk.macmullin
    ratio = ufl.ln(positive(c_e)) - ufl.ln(positive(c_b))
    thermal = 2 * GAS_CONSTANT * T / FARADAY * (1 - bulk.t_plus) * bulk.tdf
    j_e = open_share * bulk.kappa * (phi_e - phi_eb - thermal * ratio)
    return j_e, open_share * bulk.D_e * (c_e - c_b) + bulk.t_plus * j_e / FARADAY


def leak_heat(
    section: tuple[Any, Any], backbone: tuple[Any, Any], bulk: Transport, T: Any, way: Any
) -> tuple[Any, Any]:
    """Return what the current and what the salt of an ion leak make [W/m^3].

    Arguments as in ``ion_leak``; see ``mesode.physics.heat``.
    """
    j_e, _ = ion_leak(section, backbone, bulk, T, way)
    (c_e, _), (c_b, _) = section, backbone
    open_share = way / bulk.macmullin
    ratio = ufl.ln(positive(c_e)) - ufl.ln(positive(c_b))
    salt = 2 * GAS_CONSTANT * T * bulk.tdf * ratio * open_share * bulk.D_e * (c_e - c_b)
    return j_e**2 / (open_share * bulk.kappa), salt
