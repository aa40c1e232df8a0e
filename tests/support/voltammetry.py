"""Voltammograms of a sealed slab with a Nernst isotherm, by its eigenfunctions.

In units of L^2/D: the surface follows c = 1/(1 + exp(e)), e = F (E - E_0)/(R T), which the sweep
changes at the rate W = F v L^2/(R T D). The uptake is

    dM/dt = 2 sum psi_n,  psi_n' = -l_n^2 psi_n + dc/dt,  l_n = (n - 1/2) pi

each psi_n exact for c straight between rows; the sum beyond its terms is dc/dt sum 2/l_n^2.
"""

from __future__ import annotations

import numpy as np

TERMS = 400
END = 14.0  # of e, at both ends


def uptake(W, points=6000):
    """Return e and i* = i L/(F D c_max) of a sweep down and one up again, at the rate W."""
    down = np.linspace(END, -END, points)
    e = np.concatenate([down, down[::-1][1:]])
    dt = abs(e[1] - e[0]) / W
    rate = np.diff(1.0 / (1.0 + np.exp(e))) / dt
    l2 = ((np.arange(1, TERMS + 1) - 0.5) * np.pi) ** 2
    keep, add = np.exp(-l2 * dt), -np.expm1(-l2 * dt) / l2
    psi, flux = np.zeros(TERMS), [0.0]
    beyond = 1.0 - np.sum(2.0 / l2)
    for each in rate:
        psi = keep * psi + add * each
        flux.append(2.0 * psi.sum() + beyond * each)
    return e, np.array(flux)
