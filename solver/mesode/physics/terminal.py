r"""The terminal: one equation for every kind of control.

Unknowns of the whole section, one number each: the current density I [A/m^2 of electrode], the
voltage V [V] of the collector against the counter electrode, the charge passed Q [C/m^2]::

    (phi_s - V) / R_contact = i_s . n        on the collector, an equipotential
    mean of i_s . n = I
    I = I_app   |   V = V_app   |   V I = P   |   V = R I            (control)
    dQ/dt = I

I_app, V_app and P may go linearly with the time. Positive current is discharge: lithiation of the
working electrode against lithium metal. Q is integrated with the same scheme as the concentrations,
so that the lithium balance is exact for any current and not limited by a quadrature of I(t).

The mean drop at the contact, R_contact I, is split off: phi_s is solved as its difference to what
the electrode has there in the mean, and i_s . n = I + that / R_contact. The difference stays small
however well the electrode conducts and however poor the contact is, so that a foil of copper does
not turn the rounding of its potential into current; and an ideal contact, R_contact = 0, is the
limit in which it vanishes on the collector.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ufl


# [ohm m^2] of an ideal contact: 10 uV at 1e5 A/m^2, by which the current spreads unevenly.
IDEAL_CONTACT = 1e-10


def collector_current(difference: Any, mean: Any, contact_resistance: float) -> Any:
    """Return i_s . n [A/m^2] out of the electrode into the collector.

    Args:
        difference: Of phi_s to what the electrode has at its contact in the mean [V].
        mean: Mean of the current through the contact [A/m^2].
        contact_resistance: [ohm m^2]; none below ``IDEAL_CONTACT``.
    """
    return mean + uneven_current(difference, contact_resistance)


def uneven_current(difference: Any, contact_resistance: float) -> Any:
    """Return the part of i_s . n [A/m^2] that has no mean."""
    return difference / max(contact_resistance, IDEAL_CONTACT)


def control(
    I: Any, V: Any, weights: tuple[Any, Any, Any, Any], targets: tuple[Any, Any, Any, Any]
) -> Any:
    """Return the control equation [A/m^2] as a weighted sum of the kinds of control.

    One weight is nonzero: 1 for current [1], S/m^2 for voltage and resistance, 1/V for power.
    Constants serve as weights, so that one compiled form does every step of a protocol.
    """
    (w_I, w_V, w_P, w_R), (I_app, V_app, P_app, R) = weights, targets
    return w_I * (I - I_app) + w_V * (V - V_app) + w_P * (V * I - P_app) + w_R * (V - R * I)


def mean_row(value: Any, v: Any, ds: ufl.Measure) -> ufl.Form:
    """Return the row of a section-wide unknown, integrated over the collector."""
    return value * v * ds
