"""mesode: lithium-ion electrodes at the scale of particles, binder, carbon and pores."""

import sys
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from mesode.launcher import forget_dead_launcher


class _WheelFirst:
    """Loads the MPI of the PyPI wheel of DOLFINx when the first part of the stack is imported.

    The wheel brings its own MPI library, which must be there before mpi4py, petsc4py and dolfinx
    look for one. Conda, Docker and Spack installs have no such package and need none. Loading it
    starts MPI, which commands that compute nothing do without.
    """

    _STACK = ("mpi4py", "petsc4py", "basix", "dolfinx")

    def find_spec(self, name: str, _path: Any = None, _target: Any = None) -> None:
        """Find nothing; load the wheel in front of the first module of the stack."""
        if name not in self._STACK:
            return
        sys.meta_path[:] = [finder for finder in sys.meta_path if finder is not self]
        forget_dead_launcher()
        if find_spec("dolfinx_solver") is not None:
            import_module("dolfinx_solver")


sys.meta_path.insert(0, _WheelFirst())

__version__ = "0.1.0"

__all__ = [
    "__version__",
    "analyse",
    "export_parameters",
    "load_case",
    "load_study",
    "open_run",
    "run_case",
    "run_study",
]

# Loaded when first asked for: the command line starts in a moment.
_HOMES = {
    "analyse": "mesode.analysis.lab.analyse",
    "export_parameters": "mesode.exchange.api",
    "load_case": "mesode.config.load",
    "load_study": "mesode.study.api",
    "open_run": "mesode.analysis.run_data",
    "run_case": "mesode.case.single",
    "run_study": "mesode.study.api",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        msg = f"module 'mesode' has no attribute '{name}'"
        raise AttributeError(msg)
    return getattr(import_module(_HOMES[name]), name)
