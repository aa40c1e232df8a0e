"""How much of the variance of a result each factor of a study explains.

Balanced factorial designs (each combination of levels equally often): analysis of variance, share
of a factor = sum of squares between its levels / total sum of squares (eta^2); what is left belongs
to interactions and to repeats with other seeds. Other designs (Latin hypercube, Sobol points): the
first-order Sobol index Var(E[y|x]) / Var(y), with E[y|x] estimated as means over classes of x of
equal counts and the bias of such means, Var(y|class)/n, taken off.
Source: I. M. Sobol, Math. Comput. Simul. 55, 271 (2001); E. Plischke, Reliab. Eng. Syst. Saf. 95,
354 (2010) for classes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    type FloatArray = npt.NDArray[np.float64]
    type Levels = Sequence[float] | Sequence[str] | FloatArray

# Relative spread up to which a result does not vary: runs are solved to that (numerics.tolerance),
# and what explains rounding means nothing.
LEAST_SPREAD = 1e-4
_FEW = 24  # cases below which a sampled design tells nothing about shares
_PER_CLASS = 8  # cases that a class holds at least
_MOST_CLASSES = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Effects:
    """Share of the variance that each factor explains alone, and what is left.

    ``method``: "ANOVA" or "Sobol, first order"; ``rest``: interactions, seeds, noise.
    """

    method: str
    shares: Mapping[str, float]
    rest: float
    cases: int


def main_effects(factors: Mapping[str, Levels], result: FloatArray) -> Effects | None:
    """Return the main effects of the factors, None where the design tells nothing of them.

    Args:
        factors: value of each factor in each case, all of length n; numbers or words.
        result: (n,); cases that are not finite are left out.
    """
    result = np.asarray(result, dtype=np.float64)
    good = np.isfinite(result)
    chosen = {name: np.asarray(values)[good] for name, values in factors.items()}
    chosen = {name: values for name, values in chosen.items() if len(np.unique(values)) > 1}
    y = result[good]
    total = float(np.sum((y - y.mean()) ** 2)) if len(y) else 0.0
    scale = float(np.max(np.abs(y), initial=0.0))
    if not chosen or len(y) < 3 or float(np.ptp(y)) <= LEAST_SPREAD * scale:
        return None
    if _balanced(chosen):
        shares = {name: _between(x, y) / total for name, x in chosen.items()}
        method = "ANOVA"
    elif len(y) >= _FEW and all(np.issubdtype(x.dtype, np.number) for x in chosen.values()):
        shares = {name: _first_order(x, y) for name, x in chosen.items()}
        method = "Sobol, first order"
    else:
        return None
    return Effects(
        method=method, shares=shares, rest=max(0.0, 1.0 - sum(shares.values())), cases=len(y)
    )


def _balanced(factors: Mapping[str, npt.NDArray[np.generic]]) -> bool:
    """Tell whether each combination of levels is there, equally often."""
    columns = [np.unique(x, return_inverse=True)[1].ravel() for x in factors.values()]
    combinations, counts = np.unique(np.column_stack(columns), axis=0, return_counts=True)
    possible = int(np.prod([int(c.max()) + 1 for c in columns]))
    return bool(len(combinations) == possible and np.all(counts == counts[0]))


def _between(x: npt.NDArray[np.generic], y: FloatArray) -> float:
    """Return the sum of squares between the levels of a factor."""
    level = np.unique(x, return_inverse=True)[1].ravel()
    count = np.bincount(level)
    means = np.bincount(level, weights=y) / count
    return float(np.sum(count * (means - y.mean()) ** 2))


def _first_order(x: npt.NDArray[np.generic], y: FloatArray) -> float:
    """Return the first-order Sobol index of one factor from given points."""
    number = int(np.clip(round(np.sqrt(len(y))), 2, min(_MOST_CLASSES, len(y) // _PER_CLASS)))
    classes = np.array_split(y[np.argsort(x, kind="stable")], number)
    between = sum(len(c) * (c.mean() - y.mean()) ** 2 for c in classes)
    noise = sum(float(np.var(c, ddof=1)) for c in classes)  # expected part of `between`
    share = (between - noise) / float(np.sum((y - y.mean()) ** 2))
    return float(np.clip(share, 0.0, 1.0))
