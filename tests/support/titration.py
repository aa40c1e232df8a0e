"""Voltages of pulses and rests of a body in closed form: potential straight over lithium."""

from __future__ import annotations

import numpy as np

from mesode.evaluate.finite_diffusion import CYLINDER, SLAB, SPHERE, surface_rise
from mesode.evaluate.record import Record

TAU, L = 1200.0, 2e-6  # [s] of a pulse, [m] thickness or radius of a body
#: D by ends over D, with volume over surface as the length: (body, that over L) -> D tau/L^2 -> it.
BIAS = {
    (SLAB, 1.0): {
        0.01: 1.00000, 0.1: 0.99999, 0.2: 0.99787, 0.5: 0.91995, 1.0: 0.71621, 2.0: 0.46772,
        5.0: 0.22381,
    },
    (CYLINDER, 0.5): {0.001: 0.97206, 0.01: 0.91225, 0.05: 0.80600, 0.1: 0.72758, 0.2: 0.61635},
    (SPHERE, 1 / 3): {0.001: 0.94497, 0.01: 0.83285, 0.05: 0.65330, 0.1: 0.53737, 0.2: 0.39963},
}  # fmt: skip
CASES = [(*key, x, bias) for key, table in BIAS.items() for x, bias in table.items()]
#: D by slope over D, as above: the parabola over sqrt(t) does not see all that the body curves.
SLOPE_BIAS = {
    (SLAB, 1.0): {0.01: 1.0, 0.2: 1.0, 1.0: 1.00002},
    (CYLINDER, 0.5): {0.01: 1.00064, 0.2: 1.01492, 1.0: 1.10492},
    (SPHERE, 1 / 3): {0.01: 1.00171, 0.2: 1.04023, 1.0: 1.29995},
}
SLOPE_CASES = [(*key, x, bias) for key, table in SLOPE_BIAS.items() for x, bias in table.items()]
LAST = 0.3  # [V] rise of the voltage by each unit of Theta: what it is does not matter


def known_to(x_tau):
    """Return how well D by ends has its bias: V(sqrt t) is no parabola where tau is not short."""
    return 0.014 if x_tau > 2.0 else 2e-3


def titration(body, x_tau, *, pulses=3, tau=TAU, rest=6.0, resistance=0.0, rows=400):
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
