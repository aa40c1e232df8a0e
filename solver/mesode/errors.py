"""Exceptions. Each message says what is wrong, where, the number, and what to do.

``exit_code`` is what the command line returns: 2 for bad input, 3 for a run that stopped early
with its results kept, 1 for an internal error.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class MesodeError(Exception):
    """Base of all errors that mesode raises on purpose."""

    exit_code = 1


MOST_SHOWN = 300  # characters of a message; what a user gives may have millions
_MOST_OF_PATH, _MOST_OF_VALUE = 100, 100  # of them
_MOST_PROBLEMS = 50
_LEFT_OUT = " ..."
_ARGUMENTS = {"--out": "out=...", "--force": "force=True"}  # of functions, by option
_LONG_WORD = re.compile(rf"\S{{{MOST_SHOWN + 1},}}")


def shortened(text: str, most: int = MOST_SHOWN) -> str:
    """Return a text that can be printed, with its middle left out where it is long."""
    text = text.encode(errors="backslashreplace").decode()
    if len(text) <= most:
        return text
    tail = most // 3
    return f"{text[: most - tail - 5]} ... {text[-tail:]}"


def with_short_words(text: str) -> str:
    """Return a text none of whose words, such as paths, is longer than ``MOST_SHOWN``."""
    return _LONG_WORD.sub(lambda found: shortened(found[0]), text)


def _begin_of(text: str, most: int) -> str:
    """Return the words that a text begins with, as many as there is room for."""
    if len(text) <= most:
        return text
    words = text[: max(most - len(_LEFT_OUT), 0)].rpartition(" ")[0]
    return f"{words}{_LEFT_OUT}" if words else ""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in an input: path in the file, value given, what was expected, a hint.

    Each part is kept up to ``MOST_SHOWN`` characters, and printed with the others within them: what
    comes last, the hint, is cut first.
    """

    path: str
    value: str
    expected: str
    hint: str = ""

    def __post_init__(self) -> None:
        for name in ("path", "value", "expected", "hint"):
            object.__setattr__(self, name, shortened(getattr(self, name)))

    def __str__(self) -> str:
        path = shortened(self.path, _MOST_OF_PATH)
        got = f", got {shortened(self.value, _MOST_OF_VALUE)}" if self.value else ""
        expected = shortened(self.expected, MOST_SHOWN - len(path) - len(got) - 2)
        text = f"{path}: {expected}{got}"
        hint = _begin_of(self.hint, MOST_SHOWN - len(text) - 2)
        return f"{text}. {hint}" if hint else text


class InputError(MesodeError):
    """The input cannot be used; carries every problem found, not only the first."""

    exit_code = 2

    def __init__(self, problems: list[Problem] | tuple[Problem, ...], source: str = "") -> None:
        self.problems, self.source = tuple(problems), source
        count = len(self.problems)
        head = f"{count} problem{'s' if count != 1 else ''}"
        head += f" in {shortened(source)}" if source else " in the input"
        shown = [f"  - {p}" for p in self.problems[:_MOST_PROBLEMS]]
        more = [f"  - and {count - len(shown)} more"] if count > len(shown) else []
        super().__init__("\n".join([f"{head}:", *shown, *more]))

    def __reduce__(self) -> tuple[type[InputError], tuple[tuple[Problem, ...], str]]:
        # The text is made of the problems; pickle would pass it where they are expected.
        return type(self), (self.problems, self.source)


class GeometryError(MesodeError):
    """The geometry asked for cannot be built; tells the best that was reached."""

    exit_code = 2


class MeshError(MesodeError):
    """The mesh does not fit the model: tag missing, interface open, element inverted."""

    exit_code = 2


class ModelError(MesodeError):
    """A model is asked for a property that the material of a phase does not have."""


class OutputError(MesodeError):
    """The run folder cannot be written: exists, not empty, no permission, no space."""

    exit_code = 2


class StudyStoppedError(MesodeError):
    """A study had to stop in order: no space, or its folder cannot be written; results are kept."""

    exit_code = 3


class SolverError(MesodeError):
    """The solver reached the end of the road; results up to here are kept."""

    exit_code = 3


@contextmanager
def told_in_python() -> Iterator[None]:
    """Let what a folder is refused for name arguments of a function, not options of a command."""
    try:
        yield
    except OutputError as error:
        text = str(error)
        for option, argument in _ARGUMENTS.items():
            text = text.replace(option, argument)
        raise OutputError(text) from None
