r"""Small oscillations of a block system F(t, u, du/dt) = 0 about the loaded state.

With u = u_0 + Re(du exp(i omega t)), the parameter p oscillating with amplitude one::

    (K + i omega M) du = -dF/dp,     K = dF/du,  M = dF/du_dot

PETSc is built for real numbers, so that real and imaginary parts are unknowns of their own, the two
of each unknown side by side::

    | K_ij        -omega M_ij | | Re du_j |   | b_i |
    | omega M_ij   K_ij       | | Im du_j | = |  0  |

That is as a complex matrix is stored, and MUMPS orders it as well: at 40 000 unknowns a new
frequency costs about four factorisations of K + s M, and the analysis of the pattern is done once.
Without interleaving it is half as much again.

M is (J(s) - J(0))/s with the largest omega as s: omega M is off by the rounding of K at most.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from petsc4py import PETSc

import numpy as np
import scipy.sparse as sp

from mesode.errors import SolverError
from mesode.numerics.linear import configure_direct, factor

if TYPE_CHECKING:
    import numpy.typing as npt

    from mesode.numerics.system import BlockSystem

    type FloatArray = npt.NDArray[np.float64]
    type ComplexArray = npt.NDArray[np.complex128]

_SAME = np.eye(2)  # of real and imaginary part
_TURN = np.array([[0.0, -1.0], [1.0, 0.0]])  # times i


class FrequencyResponse:
    """Solves for oscillations about the state that is loaded when this is made (all collective).

    The matrix of the system is written over; its functions are not.

    Args:
        system: The block system, with a state and its rates loaded.
        largest: Largest angular frequency that will be asked for [rad/s].
    """

    def __init__(self, system: BlockSystem, largest: float) -> None:
        still = _rows(system, 0.0)
        stored = (_rows(system, largest) - still) / largest
        both = (sp.kron(still, _SAME) + sp.kron(stored, _TURN)).tocsr()
        both.sort_indices()
        self._values, (self._indptr, self._indices) = both.data, (both.indptr, both.indices)
        begin = 2 * system.x.getOwnershipRange()[0]
        row = begin + np.repeat(np.arange(both.shape[0]), np.diff(both.indptr))
        self._turned = (row + both.indices) % 2 == 1  # where M stands
        size = 2 * system.x.getLocalSize(), 2 * system.x.getSize()
        self._matrix = PETSc.Mat().createAIJ((size, size), comm=system.comm)
        self._matrix.setPreallocationCSR((self._indptr, self._indices, self._values))
        self._right, self._found = self._matrix.createVecs()
        self._ksp: Any = None

    def solve(self, omega: float, asked: FloatArray) -> ComplexArray:
        """Return the amplitude of the unknowns, what this rank owns of it.

        Args:
            omega: Angular frequency [rad/s].
            asked: -dF/dp of the rows that this rank owns.

        Raises:
            SolverError: The matrix cannot be factored.
        """
        values = np.where(self._turned, omega, 1.0) * self._values
        self._matrix.setValuesCSR(self._indptr, self._indices, values)
        self._matrix.assemble()
        self._ksp, fault = factor(self._ksp, self._matrix, configure_direct)
        if fault:
            msg = f"no oscillation at {omega / (2.0 * np.pi):.4g} Hz: {fault}"
            raise SolverError(msg)
        right = self._right.getArray()
        right[0::2], right[1::2] = asked, 0.0
        self._ksp.solve(self._right, self._found)
        parts = self._found.getArray(readonly=True)
        return np.asarray(parts[0::2] + 1j * parts[1::2])

    def close(self) -> None:
        """Free what PETSc holds."""
        for thing in (self._matrix, self._right, self._found, self._ksp):
            if thing is not None:
                thing.destroy()


def _rows(system: BlockSystem, shift: float) -> sp.csr_matrix:
    """Return the rows of dF/du + shift dF/du_dot that this rank owns (collective)."""
    system.assemble_jacobian(system.A, shift)
    indptr, indices, values = system.A.getValuesCSR()
    shape = system.x.getLocalSize(), system.x.getSize()
    return sp.csr_matrix((values, indices, indptr), shape=shape)
