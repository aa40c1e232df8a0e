"""Voltammograms of a sealed slab with a Nernst isotherm, by its eigenfunctions.

In units of L^2/D: the surface follows c = 1/(1 + exp(e)), e = F (E - E_0)/(R T), which the sweep
changes at the rate W = F v L^2/(R T D). The uptake is

    dM/dt = 2 sum psi_n,  psi_n' = -l_n^2 psi_n + dc/dt,  l_n = (n - 1/2) pi

each psi_n exact for c straight between rows; the sum beyond its terms is dc/dt sum 2/l_n^2.
"""

from __future__ import annotations

import numpy as np

from mesode.constants import FARADAY, GAS_CONSTANT, T_REF
from mesode.evaluate.record import Record

RT_F = GAS_CONSTANT * T_REF / FARADAY
E_0 = 0.4  # [V]

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


def aoki(W):
    """Return the peak of i* by an interpolation of others, good to 2 %.

    K. Aoki, K. Tokuda, H. Matsuda, J. Electroanal. Chem. 146, 417 (1983).
    """
    return 0.446 * np.sqrt(W) * np.tanh(0.56 * np.sqrt(W) + 0.05 * W)


def record_of_cycles(Ws, *, numbered=True):
    """A record of one cycle at each W, rates W in units of 1e-4 V/s; current i*."""
    t, V, I, step = [np.zeros(1)], [np.array([E_0 + 14.0 * RT_F])], [np.zeros(1)], [np.ones(1)]
    for k, W in enumerate(Ws):
        e, i = uptake(W)
        dt = abs(e[1] - e[0]) * RT_F / (1e-4 * W)
        half = len(e) // 2
        t.append(t[-1][-1] + dt * np.arange(1, len(e)))
        V.append(E_0 + RT_F * e[1:])
        I.append(i[1:])
        step.append(np.repeat([2 * k + 1, 2 * k + 2], [half, len(e) - 1 - half]))
    t, V, I, step = map(np.concatenate, (t, V, I, step))
    return Record(t, V, I, step if numbered else None)
