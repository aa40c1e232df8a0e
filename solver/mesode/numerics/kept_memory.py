"""Memory that stays with the process between two factorisations.

MUMPS asks for its work arrays at each factorisation and frees them after it. The C library of GNU
gives blocks of more than 32 MB back to the system, which hands them out again page by page, each
filled with zeros: up to a third of the time of a factorisation. Told to keep what is freed, the
library takes the block from what it has.

Source: mallopt(3) of the Linux manual pages.
"""

from __future__ import annotations

import ctypes
from functools import cache

# numbers of <malloc.h>
M_TRIM_THRESHOLD, M_MMAP_MAX = -1, -4
NEVER = -1  # as a number of bytes without sign, more than there is


@cache
def keep_freed_memory() -> bool:
    """Let the C library keep what is freed; tell whether it can, which that of GNU alone does."""
    library = ctypes.CDLL(None)
    if not hasattr(library, "gnu_get_libc_version"):
        return False
    # no block is mapped on its own, and the end of the heap stays where it is
    return bool(library.mallopt(M_MMAP_MAX, 0) and library.mallopt(M_TRIM_THRESHOLD, NEVER))
