"""``python -m mesode.cli.worker PID COMMAND ...``: a command that stops when its parent dies."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from typing import TYPE_CHECKING

from mesode.cli.main import main, stay_to_the_end

if TYPE_CHECKING:
    from collections.abc import Sequence

_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def follow_parent(parent: int) -> bool:
    """Ask the system for SIGTERM at the death of the parent; tell whether it lives still.

    Only Linux knows this. Elsewhere the case goes on, and the next study stops it.
    """
    if sys.platform != "linux":
        return True
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    return os.getppid() == parent


def work(argv: Sequence[str]) -> int:
    """Run the command of a worker, first the process that started it."""
    if not follow_parent(int(argv[0])):
        return 128 + signal.SIGTERM
    return main(argv[1:])


if __name__ == "__main__":
    code = work(sys.argv[1:])
    stay_to_the_end()
    sys.exit(code)
