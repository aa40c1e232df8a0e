r"""Energy that a crack in a particle would release, against its size.

A crack relaxes the stress over a length like that of the particle, so that per area it releases::

    G = Z <sigma>_+^2 d (1 - nu^2) / E                                                    [J/m^2]

with the diameter d, the largest principal stress sigma in tension, and a number Z of order one that
depends on where the crack is; Z = 1 is assumed. It runs where G reaches the toughness Gamma of the
material. So for each stress there is a size below which no particle breaks::

    d_c = Gamma E / (Z sigma^2 (1 - nu^2))

Silicon that flows at 1.75 GPa, with 80 GPa, nu = 0.22 and Gamma = 7 J/m^2: 190 nm. Crystalline
particles were seen to break from 150 nm on (Liu et al., ACS Nano 6 (2012) 1522).

Source: Zhao, Pharr, Vlassak and Suo, J. Appl. Phys. 108 (2010) 073517.
"""

from __future__ import annotations

from typing import Any

Z = 1.0  # assumed


def energy_release_rate(sigma: Any, d: Any, E: Any, nu: Any) -> Any:
    """Return G [J/m^2] of a tension [Pa], a diameter [m], Young's modulus [Pa], Poisson's ratio."""
    return Z * sigma**2 * d * (1 - nu**2) / E
