"""Voltages of pulses and rests of a body in closed form: potential straight over lithium."""

from __future__ import annotations

import numpy as np

from mesode.evaluate.finite_diffusion import surface_rise
from mesode.evaluate.record import Record

LAST = 0.3  # [V] rise of the voltage by each unit of Theta: what it is does not matter


def titration(body, x_tau, *, pulses=3, tau=1200.0, rest=6.0, resistance=0.0, rows=400):
    """A record of pulses, x_tau = D tau/L^2 long, with rests of ``rest`` in L^2/D, at least of tau.

    I = 1 lowers the voltage, as lithiation does. Rows are closer after each switch.
    """
    diffusion_time = tau / x_tau  # L^2/D
    pause = max(rest * diffusion_time, tau)
    begins = (tau + pause) * np.arange(pulses)
    grow = np.linspace(0.0, 1.0, rows) ** 2
    t, I, step = [np.zeros(1)], [np.zeros(1)], [np.zeros(1)]
    for k, begin in enumerate(begins):
        # the first row of a step lies a moment after the switch, as in a run
        t += [begin + tau * np.maximum(grow[1:], 1e-9), begin + tau + pause * grow[1:]]
        I += [np.ones(rows - 1), np.zeros(rows - 1)]
        step += [np.full(rows - 1, 2 * k + 2), np.full(rows - 1, 2 * k + 3)]
    first = np.ones(1)
    t, I = np.concatenate(t), np.concatenate(I)
    step = np.concatenate([first, *step[1:]])
    # the state at rest before has a step of its own
    t, I, step = np.append([-60.0], t), np.append([0.0], I), np.append([1.0], step)
    rise = sum(
        surface_rise(body, np.maximum(t - b, 0.0) / diffusion_time)
        - surface_rise(body, np.maximum(t - b - tau, 0.0) / diffusion_time)
        for b in begins
    )
    return Record(t, 0.8 - LAST * rise - resistance * I, I, step)
