"""Modules of compiled forms: made a few at a time, side by side, and kept.

FFCx writes the C code of one batch of forms while the compiler works on the one before. What has
been made is kept in the cache folder of DOLFINx. Each form has a key, which holds everything that
its code depends on, and a file under it that says which module has the code: two systems share the
code of the forms that they have in common, and only what is new is compiled.

A process may be killed at any moment, and several may work in one folder. So a module appears there
whole and at once (``Path.replace``), and after it the files that point to it, with the hash of its
content; the forms of one that is damaged are made anew. A lock, which the system releases when its
holder dies, keeps others from making the same forms at the same time; without one they would only
do it twice. Who makes others does not wait: the first form that is missing says which lock it is.
"""

from __future__ import annotations

import atexit
import ctypes
import fcntl
import hashlib
import os
import platform
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cffi
import ffcx
import ffcx.codegeneration.jit as declarations
import ffcx.compiler
import numpy as np
from dolfinx import jit
from ffcx.codegeneration import get_include_path, get_signature
from ffcx.naming import form_name

from mesode.errors import MesodeError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import ufl

LOCK = "mesode-{}.lock"  # of one in sixteen first forms
FLAGS = ("-std=c17", "-O2", "-g0", "-fPIC", "-shared")
MODULES = 6  # for the forms of one call at most: enough to keep a few compilers busy
FORMS = 4  # in a module at least, if there are so many: to start a compiler costs as much as two


class CompilerError(MesodeError):
    """The C code of a form could not be compiled; says why and what to do."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Forms, by their keys, that are compiled into a module."""

    forms: Mapping[str, ufl.Form]
    name: str

    @classmethod
    def of(cls, forms: Mapping[str, ufl.Form]) -> Batch:
        """Name a batch by its forms."""
        return cls(forms, f"mesode_forms_{_digest(' '.join(forms).encode())[:40]}")

    @property
    def path(self) -> Path:
        """Where the module is when it has been made."""
        return folder() / f"{self.name}.so"

    @property
    def names(self) -> dict[str, str]:
        """What each form is called in it, by its key."""
        found = enumerate(self.forms.items())
        return {key: form_name(form, k, self.name) for k, (key, form) in found}


def key_of(form: ufl.Form) -> str:
    """Return the key of a form that is not empty: the hash of all that its code depends on."""
    parts = [form.signature(), ffcx.__version__, get_signature(), *FLAGS]
    parts += [sys.platform, platform.machine()]
    return _digest("\0".join(parts).encode())[:40]


@cache
def folder() -> Path:
    """Return the folder of the modules; one of this process where the cache cannot be written."""
    path = Path(jit.get_options()["cache_dir"])
    with suppress(OSError):
        path.mkdir(parents=True, exist_ok=True)
    if path.is_dir() and os.access(path, os.W_OK):
        return path
    own = tempfile.TemporaryDirectory(prefix="mesode-forms-")
    atexit.register(own.cleanup)
    return Path(own.name)


# --- making modules


def make_missing(forms: Mapping[str, ufl.Form]) -> None:
    """Compile those of some forms, by their keys, that are not there yet.

    Each batch while the next one is being written.

    Raises:
        CompilerError: there is no compiler, or it failed.
    """
    missing = _missing(forms)
    if not missing:
        return
    with _locked(lock_of(missing)), tempfile.TemporaryDirectory(prefix="mesode-") as work:
        running: list[tuple[Batch, Path, subprocess.Popen[bytes]]] = []
        try:
            for batch in _batches(_missing(missing)):
                source = _write_code(batch, Path(work))
                running.append((batch, source, _start_compiler(source)))
            for batch, source, process in running:
                if process.wait() != 0:
                    raise CompilerError(_why(process.returncode, source.with_suffix(".said")))
                _publish(source.with_suffix(".so"), batch)
        finally:
            for _, _, process in running:
                if process.poll() is None:
                    process.kill()
                    process.wait()


def _missing(forms: Mapping[str, ufl.Form]) -> dict[str, ufl.Form]:
    return {key: form for key, form in forms.items() if key not in _loaded and _place(key) is None}


def _batches(forms: Mapping[str, ufl.Form]) -> list[Batch]:
    """Return forms in a few batches of about the same size."""
    count = min(MODULES, -(-len(forms) // FORMS))
    keys = list(forms)
    return [Batch.of({key: forms[key] for key in keys[k::count]}) for k in range(count)]


def lock_of(forms: Mapping[str, ufl.Form]) -> Path:
    """Return the lock of who makes some forms."""
    return folder() / LOCK.format(next(iter(forms))[0])


def _write_code(batch: Batch, work: Path) -> Path:
    """Write the C code of a batch; return its file."""
    options = ffcx.get_options({"scalar_type": np.float64})
    code, _ = ffcx.compiler.compile_ufl_objects(
        list(batch.forms.values()), namespace=batch.name, options=options, visualise=False
    )
    source = work / f"{batch.name}.c"
    source.write_text(code[1], encoding="utf-8")
    return source


@cache
def compiler() -> tuple[str, ...]:
    """Return the command of the C compiler: $CC, the one that made Python, or any there is.

    Raises:
        CompilerError: none is installed.
    """
    for named in (os.environ.get("CC", ""), sysconfig.get_config_var("CC") or "", "cc", "gcc"):
        command = shlex.split(named)
        if command and shutil.which(command[0]):
            return tuple(command)
    raise CompilerError(
        "there is no C compiler, which the equations need: install one (Debian, Ubuntu: "
        "apt-get install gcc libc6-dev; conda: conda install c-compiler) or name it in $CC"
    )


def _start_compiler(source: Path) -> subprocess.Popen[bytes]:
    command = [*compiler(), *FLAGS, f"-I{get_include_path()}", str(source)]
    command += ["-o", str(source.with_suffix(".so")), "-lm"]
    with source.with_suffix(".said").open("wb") as said:
        return subprocess.Popen(command, stdout=said, stderr=said)


def _why(code: int, said: Path) -> str:
    if code < 0:
        return f"the C compiler was ended by signal {-code} while it compiled: call again"
    lines = said.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    last = "; ".join(lines[-3:])[-300:] or "it said nothing"
    return f"the C compiler ({' '.join(compiler())}) failed with exit code {code}: {last}"


def _publish(made: Path, batch: Batch) -> None:
    """Put a module in its place, and then under the key of each form where its code is."""
    content = made.read_bytes()
    where = f"{batch.path.name} {{}} {_digest(content)}\n"
    try:
        _put(batch.path, content)
        for key, name in batch.names.items():
            _put(_entry(key), where.format(name).encode("ascii"))
    except OSError as error:
        raise CompilerError(
            f"the compiled equations cannot be kept in {folder()}: {error.strerror}; "
            "make room there or set XDG_CACHE_HOME to another folder"
        ) from error


def _put(path: Path, content: bytes) -> None:
    """Write a file, whole and at once."""
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    part.write_bytes(content)
    part.replace(path)


# --- finding a form again


_loaded: dict[str, Any] = {}  # what this process has loaded, by key


def load(key: str) -> Any:
    """Return the compiled object of a form that has been made.

    Raises:
        CompilerError: it is not there any more.
    """
    if key not in _loaded:
        place = _place(key)
        if place is None:
            raise CompilerError(f"compiled equations were removed from {folder()}: call again")
        address = ctypes.addressof(ctypes.c_char.in_dll(_library(place[0]), place[1]))
        _loaded[key] = declared().cast("ufcx_form *", address)[0]
    return _loaded[key]


@cache
def declared() -> cffi.FFI:
    """Return what C code of forms is made of, declared."""
    ffi = cffi.FFI()
    ffi.cdef(
        declarations.UFC_HEADER_DECL.format("float64")
        + declarations.UFC_INTEGRAL_DECL
        + declarations.UFC_FORM_DECL
    )
    return ffi


@cache
def _library(path: Path) -> ctypes.CDLL:
    return ctypes.CDLL(str(path))


def _entry(key: str) -> Path:
    """Return the file that says where the code of a form is."""
    return folder() / f"mesode_form_{key}"


def _place(key: str) -> tuple[Path, str] | None:
    """Return the module of a form and its name there, None where there is no whole one."""
    try:
        module, name, digest = _entry(key).read_text(encoding="ascii").split()
        path = folder() / module
        status = path.stat()
    except (OSError, ValueError):
        return None
    return (path, name) if _whole(path, digest, (status.st_mtime_ns, status.st_size)) else None


@cache
def _whole(path: Path, digest: str, _stamp: tuple[int, int]) -> bool:
    """Tell whether a module is as it was made."""
    try:
        return _digest(path.read_bytes()) == digest
    except OSError:
        return False


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold a lock where the file system has locks."""
    with ExitStack() as stack:
        with suppress(OSError):
            stream = stack.enter_context(path.open("a", encoding="ascii"))
            fcntl.flock(stream, fcntl.LOCK_EX)
        yield
