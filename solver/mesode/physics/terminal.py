r"""The terminal: one equation for every kind of control.

Unknowns of the whole section, one number each: the current density I [A/m^2 of electrode], the
voltage V [V] of the collector against the counter electrode, the charge passed Q [C/m^2]::

    (phi_s - V) / R_contact = i_s . n        on the collector, an equipotential
    mean of (phi_s - V) / R_contact = I
    I = I_app   |   V = V_app + v (t - t_0)   |   V I = P            (control)
    dQ/dt = I

Positive current is discharge: lithiation of the working electrode against lithium metal. Q is
integrated with the same scheme as the concentrations, so that the lithium balance is exact for
any current and not limited by a quadrature of I(t).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ufl


def collector_current(phi_s: Any, V: Any, contact_resistance: float) -> Any:
    """Return i_s . n [A/m^2] out of the electrode into the collector."""
    return (phi_s - V) / contact_resistance


def control(I: Any, V: Any, weights: tuple[Any, Any, Any], targets: tuple[Any, Any, Any]) -> Any:
    """Return the control equation [A/m^2] as a weighted sum of the three kinds of control.

    One weight is nonzero: 1 for current [1], S/m^2 for voltage, 1/V for power. Constants serve as
    weights, so that one compiled form does every step of a protocol.
    """
    (w_I, w_V, w_P), (I_app, V_app, P_app) = weights, targets
    return w_I * (I - I_app) + w_V * (V - V_app) + w_P * (V * I - P_app)


def mean_row(value: Any, v: Any, ds: ufl.Measure) -> ufl.Form:
    """Return the row of a section-wide unknown, integrated over the collector."""
    return value * v * ds
