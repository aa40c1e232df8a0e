"""Effective transport in pores that nobody measured."""

from __future__ import annotations


def bruggeman(porosity: float) -> float:
    """Return the MacMullin number porosity^-1.5 (bulk over effective transport).

    Valid for: packings of spheres, 3D. Source: Bruggeman 1935.
    """
    return float(porosity**-1.5)
