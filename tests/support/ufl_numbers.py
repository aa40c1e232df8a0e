"""Numbers out of UFL expressions of constants, without a mesh."""

from __future__ import annotations

import numpy as np
import ufl


def number(expression):
    """Evaluate a scalar UFL expression that holds no fields."""
    return float(ufl.as_ufl(expression)(()))


def numbers(tensor):
    """Evaluate a UFL tensor that holds no fields, as a numpy array."""
    tensor = ufl.as_ufl(tensor)
    shape = tensor.ufl_shape
    entries = [number(tensor[index]) for index in np.ndindex(shape)]
    return np.array(entries).reshape(shape)
