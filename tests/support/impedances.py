"""Impedances as an instrument would give them."""

from __future__ import annotations

import numpy as np


def noisy(Z, share, seed=1):
    """Add noise to both parts, whose standard deviation in all is a share of each |Z|."""
    random = np.random.default_rng(seed)
    real, imaginary = random.standard_normal((2, len(Z)))
    return Z + share * np.abs(Z) * (real + 1j * imaginary) / 2.0**0.5
