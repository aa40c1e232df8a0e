"""mesode: lithium-ion electrodes at the scale of particles, binder, carbon and pores."""

from contextlib import suppress

# The PyPI wheel of DOLFINx brings its own MPI library, which must be loaded before dolfinx and
# petsc4py are. Conda, Docker and Spack installs have no such package and need none.
with suppress(ImportError):
    import dolfinx_solver  # noqa: F401

__version__ = "0.1.0"
