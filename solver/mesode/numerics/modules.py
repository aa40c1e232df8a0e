"""Modules of compiled forms: made a few at a time, side by side, and kept.

FFCx writes the C code of one batch of forms while the compiler works on the one before. What has
been made is kept in the cache folder of DOLFINx under a name that holds everything the code depends
on.

A process may be killed at any moment, and several may work in one folder. So a module appears
there whole and at once (``Path.replace``), beside the hash of its content; one that is damaged is
made anew. A lock, which the system releases when its holder dies, keeps others from making the same
modules at the same time; without one they would only do it twice. Who makes others does not wait:
the first module of a list says which lock it is.
"""

from __future__ import annotations

import atexit
import fcntl
import hashlib
import os
import shlex
import shutil
import subprocess
import sysconfig
import tempfile
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from importlib.machinery import ExtensionFileLoader, ModuleSpec
from importlib.util import module_from_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cffi
import ffcx
import ffcx.codegeneration.jit as declarations
import ffcx.compiler
import numpy as np
from cffi.recompiler import make_c_source
from dolfinx import jit
from ffcx.codegeneration import get_include_path, get_signature
from ffcx.naming import form_name

from mesode.errors import MesodeError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import ufl

LOCK = "mesode-{}.lock"  # of one in sixteen first batches
FLAGS = ("-std=c17", "-O2", "-g0", "-fPIC", "-shared")
_SUFFIX = str(sysconfig.get_config_var("EXT_SUFFIX"))


class CompilerError(MesodeError):
    """The C code of a form could not be compiled; says why and what to do."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Forms that share a module: its name, where it is, and what each form is called in it."""

    forms: list[ufl.Form]
    names: list[str]
    name: str
    path: Path

    @classmethod
    def of(cls, forms: list[ufl.Form]) -> Batch:
        """Name a batch of forms, none of them empty, by all that its code depends on."""
        parts = [form.signature() for form in forms]
        parts += [ffcx.__version__, get_signature(), cffi.__version__]
        parts += [*FLAGS, _SUFFIX]
        digest = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:40]
        name = f"mesode_forms_{digest}"
        names = [form_name(form, k, name) for k, form in enumerate(forms)]
        return cls(forms, names, name, folder() / f"{name}{_SUFFIX}")


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


# --- making a module


def make_missing(batches: Sequence[Batch]) -> None:
    """Compile the batches that are not there yet, each while the next one is being written.

    Raises:
        CompilerError: there is no compiler, or it failed.
    """
    if all(_whole(batch.path) for batch in batches):
        return
    with _locked(lock_of(batches)), tempfile.TemporaryDirectory(prefix="mesode-") as work:
        running: list[tuple[Batch, Path, subprocess.Popen[bytes]]] = []
        try:
            for batch in batches:
                if not _whole(batch.path):
                    source = _write_code(batch, Path(work))
                    running.append((batch, source, _start_compiler(source)))
            for batch, source, process in running:
                if process.wait() != 0:
                    raise CompilerError(_why(process.returncode, source.with_suffix(".said")))
                _publish(source.with_suffix(".so"), batch.path)
        finally:
            for _, _, process in running:
                if process.poll() is None:
                    process.kill()
                    process.wait()


def lock_of(batches: Sequence[Batch]) -> Path:
    """Return the lock of who makes a list of batches."""
    digest = hashlib.sha256(batches[0].name.encode()).hexdigest()
    return folder() / LOCK.format(digest[0])


def _write_code(batch: Batch, work: Path) -> Path:
    """Write the C code of a batch; return its file."""
    options = ffcx.get_options({"scalar_type": np.float64})
    code, _ = ffcx.compiler.compile_ufl_objects(
        batch.forms, namespace=batch.name, options=options, visualise=False
    )
    header = (
        declarations.UFC_HEADER_DECL.format("float64")
        + declarations.UFC_INTEGRAL_DECL
        + declarations.UFC_FORM_DECL
        + "".join(f"extern ufcx_form {name};\n" for name in batch.names)
    )
    builder = cffi.FFI()
    builder.cdef(header)
    source = work / f"{batch.name}.c"
    make_c_source(builder, batch.name, code[1], str(source))
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
    includes = (sysconfig.get_path("include"), get_include_path())
    command = [*compiler(), *FLAGS, *(f"-I{path}" for path in includes), str(source)]
    command += ["-o", str(source.with_suffix(".so")), "-lm"]
    with source.with_suffix(".said").open("wb") as said:
        return subprocess.Popen(command, stdout=said, stderr=said)


def _why(code: int, said: Path) -> str:
    if code < 0:
        return f"the C compiler was ended by signal {-code} while it compiled: call again"
    lines = said.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    last = "; ".join(lines[-3:])[-300:] or "it said nothing"
    return f"the C compiler ({' '.join(compiler())}) failed with exit code {code}: {last}"


def _publish(made: Path, path: Path) -> None:
    """Put a module in its place, whole and at once, with the hash of its content."""
    content = made.read_bytes()
    try:
        for data, end in ((content, ""), (_digest(content).encode(), ".sha256")):
            part = path.with_name(f"{path.name}{end}.{os.getpid()}.part")
            part.write_bytes(data)
            part.replace(f"{path}{end}")
    except OSError as error:
        raise CompilerError(
            f"the compiled equations cannot be kept in {path.parent}: {error.strerror}; "
            "make room there or set XDG_CACHE_HOME to another folder"
        ) from error


# --- finding one again


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@cache
def _whole_once(path: Path, _stamp: tuple[int, int]) -> bool:
    try:
        return _digest(path.read_bytes()) == Path(f"{path}.sha256").read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError):
        return False


def _whole(path: Path) -> bool:
    """Tell whether a module is there and as it was made."""
    try:
        status = path.stat()
    except OSError:
        return False
    return _whole_once(path, (status.st_mtime_ns, status.st_size))


@cache
def load(path: Path) -> Any:
    """Load a module that is there."""
    name = path.name.removesuffix(_SUFFIX)
    loader = ExtensionFileLoader(name, str(path))
    module = module_from_spec(ModuleSpec(name, loader, origin=str(path)))
    loader.exec_module(module)
    return module


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold a lock where the file system has locks."""
    with ExitStack() as stack:
        with suppress(OSError):
            stream = stack.enter_context(path.open("a", encoding="ascii"))
            fcntl.flock(stream, fcntl.LOCK_EX)
        yield
