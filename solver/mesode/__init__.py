"""mesode: lithium-ion electrodes at the scale of particles, binder, carbon and pores."""

from contextlib import suppress
from importlib import import_module
from typing import Any

# The PyPI wheel of DOLFINx brings its own MPI library, which must be loaded before dolfinx and
# petsc4py are. Conda, Docker and Spack installs have no such package and need none.
with suppress(ImportError):
    import dolfinx_solver  # noqa: F401

__version__ = "0.1.0"

__all__ = ["__version__", "load_case", "load_study", "open_run", "run_study"]

# Loaded when first asked for: the command line starts in a moment.
_HOMES = {
    "load_case": "mesode.config.load",
    "load_study": "mesode.study.api",
    "open_run": "mesode.analysis.run",
    "run_study": "mesode.study.api",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        msg = f"module 'mesode' has no attribute '{name}'"
        raise AttributeError(msg)
    return getattr(import_module(_HOMES[name]), name)
