"""What a material can do: property groups, each of which brings its unknowns to the model.

A phase of the section has a material; a material has some of the groups ``lithium``,
``electronic``, ``ionic``, ``mechanical``. A field lives on the union of the phases that have its
group. All values are SI, all rates are laws of (sto, c_e, T).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from mesode.materials.ends import potential

if TYPE_CHECKING:
    import numpy.typing as npt

    from mesode.materials.hysteresis import Hysteresis
    from mesode.materials.law import Law
    from mesode.materials.two_phase import Crystalline

    type FloatArray = npt.NDArray[np.float64]

#: Shape of the particles of a layer, with the number of dimensions in which lithium spreads.
DIMENSIONS_OF: Final = {"sphere": 3, "cylinder": 2}
ParticleShape = Literal["sphere", "cylinder"]

#: What limits the growth of an SEI; the names are those of PyBaMM.
SeiLaw = Literal["ec_reaction_limited", "reaction_limited", "solvent_diffusion_limited"]

# Assumed: at 1 A/m^2 through the contact of two hosts their potentials differ by 1 mV.
HOST_CONTACT_RESISTANCE = 1e-3  # [ohm m^2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lithium:
    """A host of lithium with charge transfer at its surface.

    ``c_max`` [mol/m^3] per unstrained volume; ``D_s(sto, T)`` [m^2/s]; ``ocp(sto, T)`` [V];
    ``i_0(c_e, sto, T)`` [A/m^2]; ``film_resistance`` [ohm m^2]; ``double_layer`` [F/m^2]. With
    ``hysteresis`` its ``ocp`` is that at the state of the start. ``crystalline`` before its first
    lithiation, if that is not None.
    Whatever the law of ``ocp``, it gets its tails here, where none has given it any.
    """

    c_max: float
    D_s: Law
    ocp: Law
    i_0: Law
    alpha_a: float = 0.5
    alpha_c: float = 0.5
    film_resistance: float = 0.0
    double_layer: float = 0.2
    hysteresis: Hysteresis | None = None
    crystalline: Crystalline | None = None

    def __post_init__(self) -> None:
        """Give a plain law of the potential its tails."""
        object.__setattr__(self, "ocp", potential(self.ocp))


@dataclass(frozen=True, slots=True, kw_only=True)
class Coating:
    """A conducting film on the surface of a host, so thin that it is a law of the interface.

    ``thickness`` [m]; ``sigma(sto, T)`` [S/m] along the film; ``E(sto)`` [Pa] and ``nu(sto)`` of
    the film as a membrane, None for a film without stiffness; ``film_resistance`` [ohm m^2] across
    it. Charge transfer on the coated surface: ``i_0(c_e, sto, T)`` [A/m^2], or the host's law with
    the value ``i_0_ref`` at sto 0.5, 1 mol/l, 25 degC, or without that the host's law as it is;
    ``alpha_a``, ``alpha_c`` and ``double_layer`` [F/m^2] are the host's where they are None.
    """

    name: str
    description: str
    thickness: float
    sigma: Law
    E: Law | None = None
    nu: Law | None = None
    film_resistance: float = 0.0
    i_0: Law | None = None
    i_0_ref: float | None = None
    alpha_a: float | None = None
    alpha_c: float | None = None
    double_layer: float | None = None
    sources: tuple[str, ...] = ()
    assumed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sei:
    """A solid electrolyte interphase that grows on the surface of a host (``mesode.physics.sei``).

    ``i_0_sei`` [A/m^2], ``alpha_sei`` and ``U_sei`` [V] of the reduction of the solvent;
    ``c_solvent`` [mol/m^3] and ``D_solvent`` [m^2/s] of the solvent outside and in the film;
    ``E_a_sei`` [J/mol] of both; ``V_sei`` [m^3/mol] with ``z_sei`` lithium in a mole of it;
    ``kappa_sei`` [S/m]; ``initial_thickness`` [m]; ``crack_strain`` of the area, None for a film
    that never cracks; ``on_coating``: whether it grows on coated surfaces, too.
    """

    name: str
    description: str
    law: SeiLaw
    i_0_sei: float
    alpha_sei: float = 0.5
    U_sei: float
    c_solvent: float
    D_solvent: float
    E_a_sei: float = 0.0
    V_sei: float
    z_sei: float
    kappa_sei: float
    initial_thickness: float
    crack_strain: float | None = None
    on_coating: bool = True
    sources: tuple[str, ...] = ()
    assumed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Electronic:
    """An electron conductor: ``sigma(sto, T)`` [S/m], effective for the phase."""

    sigma: Law


@dataclass(frozen=True, slots=True, kw_only=True)
class Ionic:
    """Electrolyte-filled pores: ``porosity`` and ``macmullin`` (bulk over effective transport)."""

    porosity: float
    macmullin: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Relaxing:
    """A part of a network that relaxes: ``share`` of its stiffness in shear, ``time`` [s]."""

    share: float
    time: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """A soft network that does not flow (``mesode.physics.solid.network``).

    ``bonds`` come off and form anew, ``relaxation`` is a Prony series; the rest is permanent.
    """

    bonds: Relaxing | None = None
    relaxation: tuple[Relaxing, ...] = ()

    @property
    def terms(self) -> tuple[Relaxing, ...]:
        """All that relaxes."""
        return self.relaxation if self.bonds is None else (self.bonds, *self.relaxation)

    @property
    def permanent(self) -> float:
        """Share of the stiffness in shear that does not relax."""
        return 1.0 - sum(term.share for term in self.terms)


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """What makes a phase a homogenised layer: particles too small to be drawn, all alike.

    ``fraction`` of its volume that is active material; ``radius`` [m] and ``shape`` of a particle;
    ``resolved``: lithium in it has a radial coordinate, else it is uniform. ``swelling(sto)`` of
    its mean lithiation: the *volumetric* strain of a particle relative to sto = 0, None where that
    is not known; ``pores_take``: share of what they swell by that makes pores smaller, not the
    layer thicker.
    """

    fraction: float
    radius: float
    shape: ParticleShape = "sphere"
    resolved: bool = True
    swelling: Law | None = None
    pores_take: float = 0.0

    @property
    def dimensions(self) -> int:
        """Number of dimensions in which lithium spreads in a particle."""
        return DIMENSIONS_OF[self.shape]

    @property
    def surface(self) -> float:
        """Surface of the particles per volume [1/m]; of spheres 3 fraction / radius."""
        return self.dimensions * self.fraction / self.radius


@dataclass(frozen=True, slots=True, kw_only=True)
class Mechanical:
    """An elastic solid.

    ``E(sto)`` [Pa]; ``nu(sto)``; ``swelling(sto)``: *volumetric* strain relative to sto = 0;
    ``strength`` [Pa]: a run warns where the von Mises stress exceeds it; no equation uses it.
    ``toughness`` [J/m^2]: what a crack takes, against which a run holds what one would release.
    In finite mechanics it flows at ``yield_strength(sto)`` [Pa] (of the Kirchhoff stress), None for
    never, which rises by ``hardening`` [Pa] per plastic strain; with ``flow_rate`` [1/s] it is
    viscous, with the power ``flow_exponent`` of the overstress. A ``network`` relaxes instead.
    It sticks to other bodies with ``adhesion_strength`` [Pa] and ``adhesion_toughness`` [J/m^2],
    None for ever.
    """

    E: Law
    nu: Law
    swelling: Law
    strength: float | None = None
    toughness: float | None = None
    yield_strength: Law | None = None
    hardening: float = 0.0
    flow_rate: float | None = None
    flow_exponent: float = 1.0
    network: Network | None = None
    adhesion_strength: float | None = None
    adhesion_toughness: float | None = None

    def swelling_since(self, start: float, sto: FloatArray) -> FloatArray:
        """Return the volumetric strain at lithiations, over the volume at 0, since one of them."""
        change = self.swelling(sto=sto) - self.swelling(sto=start)
        return np.broadcast_to(change, sto.shape)


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """A phase's material: its groups, density [kg/m^3], and where its numbers come from.

    With a ``layer`` the phase is homogenised: ``lithium`` and ``density`` are those of the active
    material, which has a ``share`` of the phase; ``electronic`` and ``ionic`` those of the phase.
    """

    name: str
    description: str
    density: float
    lithium: Lithium | None = None
    electronic: Electronic | None = None
    ionic: Ionic | None = None
    mechanical: Mechanical | None = None
    layer: Layer | None = None
    sources: tuple[str, ...] = ()
    assumed: tuple[str, ...] = ()

    @property
    def share(self) -> float:
        """Share of the phase that is the material: 1 but in a layer."""
        return 1.0 if self.layer is None else self.layer.fraction

    @property
    def swelling(self) -> Law | None:
        """Volumetric strain of the material by its lithiation, None where that is not known."""
        if self.layer is not None:
            return self.layer.swelling
        return None if self.mechanical is None else self.mechanical.swelling


@dataclass(frozen=True, slots=True, kw_only=True)
class Electrolyte:
    """A binary liquid electrolyte, concentrated-solution theory.

    ``kappa(c_e, T)`` [S/m]; ``D_e(c_e, T)`` [m^2/s]; ``t_plus(c_e, T)``; ``tdf(c_e, T)``, the
    thermodynamic factor 1 + dlnf/dlnc; ``concentration`` [mol/m^3] at rest.
    """

    name: str
    description: str
    concentration: float
    kappa: Law
    D_e: Law
    t_plus: Law
    tdf: Law
    sources: tuple[str, ...] = ()
    assumed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LithiumMetal:
    """A lithium metal counter electrode: ``i_0(c_e, T)`` [A/m^2], film resistance, double layer."""

    name: str
    description: str
    i_0: Law
    alpha_a: float = 0.5
    alpha_c: float = 0.5
    film_resistance: float = 0.0
    double_layer: float = 0.2
    sources: tuple[str, ...] = ()
    assumed: tuple[str, ...] = ()


#: Whatever a preset may be.
type AnyMaterial = Material | Electrolyte | LithiumMetal | Coating | Sei
