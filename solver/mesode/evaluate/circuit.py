"""Equivalent circuits: how they are written, and their impedance.

Elements in series are joined by ``-``, in parallel by ``p(...,...)``: ``R0-p(R1,CPE1)-Wo2``. Each
has a name, letters and a number, that occurs once. With omega = 2 pi f:

    R     R                                 resistor
    C     1/(i omega C)                     capacitor
    L     i omega L                         inductor
    CPE   1/(Q (i omega)^alpha)             constant phase element: Q, alpha
    Zarc  R/(1 + (i omega tau)^alpha)       R, tau, alpha
    W     sigma (1 - i)/sqrt(omega)         diffusion into a half space
    Wo    Z coth(s)/s                       into a sealed slab: Z, tau; s = sqrt(i omega tau)
    Wc    Z I_0(s)/(s I_1(s))               into a cylinder
    Wp    Z tanh(s)/(s - tanh(s))           into a sphere
    Ws    Z tanh(s)/s                       through a slab whose other side is held
    T     sqrt(R Zi) coth(sqrt(R/Zi))       porous electrode: R of its electrolyte, Zi of its
                                            surface, r parallel to C: R, r, C

The spelling is that of impedance.py, without its start values.

Sources: M. E. Orazem, B. Tribollet, Electrochemical Impedance Spectroscopy (2017); T after
R. de Levie, Electrochim. Acta 8, 751 (1963).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from mesode.errors import InputError, Problem
from mesode.evaluate import finite_diffusion as bodies

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy.typing as npt

    type FloatArray = npt.NDArray[np.float64]
    type ComplexArray = npt.NDArray[np.complex128]

_TOKEN = re.compile(r"p\(|[A-Za-z]+\d*|[-,)]")
_NAME = re.compile(r"([A-Za-z]+)(\d*)")
_MOST = 20  # elements


@dataclass(frozen=True, slots=True)
class Element:
    """A kind of element: its parameters with their units, and its impedance at omega [1/s]."""

    parameters: Mapping[str, str]
    impedance: Callable[..., ComplexArray]


def _porous(w: FloatArray, R: float, r: float, C: float) -> ComplexArray:
    Zi = r / (1.0 + 1j * w * r * C)
    root = np.sqrt(R / Zi)
    return np.asarray(R / (root * np.tanh(root)))


_DIFFUSION: Final = {"Z": "ohm", "tau": "s"}
ELEMENTS: Final = {
    "R": Element({"R": "ohm"}, lambda w, R: R + 0j * w),
    "C": Element({"C": "F"}, lambda w, C: 1.0 / (1j * w * C)),
    "L": Element({"L": "H"}, lambda w, L: 1j * w * L),
    "CPE": Element({"Q": "F.s^(alpha-1)", "alpha": "1"}, lambda w, Q, a: 1.0 / (Q * (1j * w) ** a)),
    "Zarc": Element(
        {"R": "ohm", "tau": "s", "alpha": "1"}, lambda w, R, t, a: R / (1.0 + (1j * w * t) ** a)
    ),
    "W": Element({"sigma": "ohm.s^-0.5"}, lambda w, sigma: sigma * (1.0 - 1j) / np.sqrt(w)),
    "Wo": Element(_DIFFUSION, lambda w, Z, t: Z * bodies.impedance(bodies.SLAB, w * t)),
    "Wc": Element(_DIFFUSION, lambda w, Z, t: Z * bodies.impedance(bodies.CYLINDER, w * t)),
    "Wp": Element(_DIFFUSION, lambda w, Z, t: Z * bodies.impedance(bodies.SPHERE, w * t)),
    "Ws": Element(_DIFFUSION, lambda w, Z, t: Z * bodies.held_impedance(w * t)),
    "T": Element({"R": "ohm", "r": "ohm", "C": "F"}, _porous),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a circuit: of which element, which of its own, unit."""

    element: str
    symbol: str
    unit: str

    @property
    def name(self) -> str:
        """Return its name: that of the element, with the symbol where it has several."""
        alone = len(ELEMENTS[kind(self.element)].parameters) == 1
        return self.element if alone else f"{self.element}.{self.symbol}"


type _Node = str | tuple[str, tuple["_Node", ...]]


@dataclass(frozen=True, slots=True)
class Circuit:
    """A circuit: its text and its parameters, in the order in which they are given values."""

    text: str
    tree: _Node
    parameters: tuple[Parameter, ...]

    def impedance(self, f: FloatArray, values: Sequence[float] | FloatArray) -> ComplexArray:
        """Return the impedance [ohm] at frequencies [Hz]."""
        of: dict[str, list[float]] = {}
        for parameter, value in zip(self.parameters, values, strict=True):
            of.setdefault(parameter.element, []).append(value)
        return _impedance(self.tree, 2.0 * np.pi * np.asarray(f), of)


def _impedance(node: _Node, w: FloatArray, of: Mapping[str, Sequence[float]]) -> ComplexArray:
    if isinstance(node, str):
        return ELEMENTS[kind(node)].impedance(w, *of[node])
    join, members = node
    parts = [_impedance(member, w, of) for member in members]
    if join == "-":
        return np.asarray(sum(parts))
    return np.asarray(1.0 / sum(1.0 / part for part in parts))


def parse(text: str) -> Circuit:
    """Return the circuit that a text such as ``R0-p(R1,CPE1)-Wo2`` writes.

    Raises:
        InputError: it is no circuit; tells what is wrong with it.
    """
    tokens = _TOKEN.findall(text)
    if "".join(tokens) != re.sub(r"\s", "", text) or not tokens:
        raise _refused(text, "expected elements joined by '-' and 'p(...,...)'")
    names = [token for token in tokens if token not in ("p(", "-", ",", ")")]
    _check_names(text, names)
    tree, rest = _series(text, tokens)
    if rest:
        raise _refused(text, f"'{rest[0]}' stands where the circuit has ended")
    parameters = tuple(
        Parameter(name, symbol, unit)
        for name in names
        for symbol, unit in ELEMENTS[kind(name)].parameters.items()
    )
    return Circuit(re.sub(r"\s", "", text), tree, parameters)


def _check_names(text: str, names: Sequence[str]) -> None:
    unknown = [name for name in names if kind(name) not in ELEMENTS]
    if unknown:
        raise _refused(text, f"there is no element '{unknown[0]}'; there are {', '.join(ELEMENTS)}")
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise _refused(text, f"'{twice[0]}' stands twice; number elements: R0, R1, ...")
    if len(names) > _MOST or text.count("p(") > _MOST:
        raise _refused(
            text, f"it has {len(names)} elements, at most {_MOST} and as many brackets are fitted"
        )


def _series(text: str, tokens: list[str]) -> tuple[_Node, list[str]]:
    """Read elements joined by ``-``; return them and what follows."""
    members: list[_Node] = []
    while True:
        if not tokens:
            raise _refused(text, "it ends where an element is expected")
        head, tokens = tokens[0], tokens[1:]
        if head == "p(":
            member, tokens = _parallel(text, tokens)
            members.append(member)
        elif head in ("-", ",", ")"):
            raise _refused(text, f"'{head}' stands where an element is expected")
        else:
            members.append(head)
        if not tokens or tokens[0] != "-":
            return (members[0] if len(members) == 1 else ("-", tuple(members))), tokens
        tokens = tokens[1:]


def _parallel(text: str, tokens: list[str]) -> tuple[_Node, list[str]]:
    branches: list[_Node] = []
    while True:
        branch, tokens = _series(text, tokens)
        branches.append(branch)
        if not tokens or tokens[0] not in (",", ")"):
            raise _refused(text, "a bracket 'p(' is not closed")
        end, tokens = tokens[0], tokens[1:]
        if end == ")":
            return ("p", tuple(branches)), tokens


def kind(name: str) -> str:
    """Return the letters that an element's name begins with."""
    found = _NAME.fullmatch(name)
    return found[1] if found else name


def _refused(text: str, reason: str) -> InputError:
    hint = "For example R0-p(R1,CPE1)-Wo2"
    return InputError([Problem("circuit", repr(text), reason, hint)], "the circuit")
