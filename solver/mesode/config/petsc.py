"""Section ``numerics.petsc``: the options of PETSc and MUMPS that reach the linear solver.

Keys are the options without their dash. A key that is not here would change nothing, so it is
refused. MUMPS's controls are described in its users' guide, sections 6.1 and 6.2.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, Self

from pydantic import model_validator

from mesode.config.base import Block, Finding, entry, refuse
from mesode.config.quantities import Quantity

Small = Annotated[float, Quantity(dimension="ratio", low="0", high="1")]
#: Have no effect while the factors alone solve.
_OF_ITERATIONS: Final = ("ksp_rtol", "ksp_atol", "ksp_max_it", "ksp_gmres_restart", "ksp_monitor")
#: Key, another one without which it has no effect, and the values of that with which it has one.
_NEEDS: Final[tuple[tuple[str, str, tuple[Any, ...]], ...]] = (
    ("ksp_gmres_restart", "ksp_type", ("fgmres", "gmres")),
    ("mat_mumps_icntl_29", "mat_mumps_icntl_28", (2,)),
    ("mat_mumps_icntl_36", "mat_mumps_icntl_35", (3, 2, 1)),
    ("mat_mumps_cntl_7", "mat_mumps_icntl_35", (3, 2, 1)),
)


def _number(description: str, low: int, high: int) -> Any:
    return entry(description, None, ge=low, le=high, strict=True)


class PetscOptions(Block):
    """Options of the linear solver."""

    ksp_type: Literal["preonly", "richardson", "gmres", "fgmres", "bcgs"] | None = entry(
        "`preonly`, the default: the factors alone; the others iterate with them as "
        "preconditioner, which mends rounding.",
        None,
    )
    ksp_rtol: Small | None = entry("Relative tolerance of the iterations.", None)
    ksp_atol: Small | None = entry("Absolute tolerance of the iterations.", None)
    ksp_max_it: int | None = _number("Most iterations.", 1, 10_000)
    ksp_gmres_restart: int | None = _number("Iterations after which `gmres` restarts.", 1, 1000)
    ksp_monitor: bool | None = entry("Print the residual of each iteration.", None)
    ksp_view: bool | None = entry("Print the solver at each solve.", None)
    pc_precision: Literal["single", "double"] | None = entry(
        "Of the factors that are kept over time steps. `single` takes a seventh less memory and 6 "
        "to 15 % less time; runs on other ranks or resumed are then equal to some 1e-7 instead of "
        "1e-8. No effect where PETSc has only double. Default: `double`.",
        None,
    )
    mat_mumps_icntl_4: int | None = _number("What MUMPS prints.", 0, 4)
    mat_mumps_icntl_7: Literal[0, 2, 3, 4, 5, 6, 7] | None = entry(
        "Ordering: 0 AMD, 2 AMF, 3 SCOTCH, 4 PORD, 5 METIS, 6 QAMD, 7 automatic; default: MUMPS's "
        "own on one rank, 3 on several.",
        None,
    )
    mat_mumps_icntl_8: int | None = _number("Scaling of rows and columns.", -2, 77)
    mat_mumps_icntl_10: int | None = _number("Steps of iterative refinement, one rank.", -100, 100)
    mat_mumps_icntl_13: int | None = _number("1: the last front on one rank.", -1, 1)
    mat_mumps_icntl_14: int | None = _number(
        "Workspace beyond the estimate, in per cent.", 0, 10_000
    )
    mat_mumps_icntl_22: int | None = _number("1: keep the factors on disk.", 0, 1)
    mat_mumps_icntl_23: int | None = _number(
        "Most memory of a rank, in MB; 0: as estimated.", 0, 10_000_000
    )
    mat_mumps_icntl_24: int | None = _number("1: look for pivots that are zero.", 0, 1)
    mat_mumps_icntl_28: int | None = _number("1: analysis on one rank, 2: on all.", 0, 2)
    mat_mumps_icntl_29: int | None = _number(
        "Ordering of an analysis on all ranks: 1 PT-SCOTCH, 2 ParMETIS.", 0, 2
    )
    mat_mumps_icntl_35: int | None = _number("Block low-rank factors: 0 none, 1 to 3.", 0, 3)
    mat_mumps_icntl_36: int | None = _number("Variant of block low-rank factors.", 0, 1)
    mat_mumps_icntl_58: int | None = _number("Symbolic factorization.", 0, 2)
    mat_mumps_cntl_1: Small | None = entry("Least pivot, of the largest of its row.", None)
    mat_mumps_cntl_7: Small | None = entry("What block low-rank factors drop.", None)

    @model_validator(mode="after")
    def _have_effect(self) -> Self:
        alone = self.ksp_type in (None, "preonly")
        found = [
            Finding(
                "this has no effect while the factors alone solve",
                "Set numerics.petsc.ksp_type to gmres, or take this out",
                (key,),
            )
            for key in _OF_ITERATIONS
            if alone and getattr(self, key) not in (None, False)
        ]
        for key, needed, values in _NEEDS:
            if getattr(self, key) is None or getattr(self, needed) in values:
                continue
            if alone and key in _OF_ITERATIONS:
                continue  # told above
            hint = f"Set numerics.petsc.{needed} to {values[-1]}, or take this out"
            found.append(Finding(f"this has no effect without {needed}", hint, (key,)))
        refuse(found)
        return self
