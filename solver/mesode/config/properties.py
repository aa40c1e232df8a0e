"""Types of the fields that are laws: dimension, bounds, and the variables they may depend on."""

from __future__ import annotations

from typing import Annotated

from mesode.config.laws import LawForm, LawSpec
from mesode.config.quantities import Quantity

DiffusivityLaw = Annotated[
    LawSpec,
    LawForm(
        name="D_s",
        quantity=Quantity(dimension="diffusivity", above="0 m^2/s", high="1e-4 m^2/s"),
        variables=("sto", "T"),
    ),
]
PotentialLaw = Annotated[
    LawSpec,
    LawForm(
        name="ocp",
        quantity=Quantity(dimension="voltage", low="-1 V", high="6 V"),
        variables=("sto", "T"),
    ),
]
ExchangeLaw = Annotated[
    LawSpec,
    LawForm(
        name="i_0",
        quantity=Quantity(dimension="current_density", low="0 A/m^2", high="1e6 A/m^2"),
        variables=("sto", "c_e", "T"),
    ),
]
ConductivityLaw = Annotated[
    LawSpec,
    LawForm(
        name="sigma",
        quantity=Quantity(dimension="conductivity", above="0 S/m", below="1e9 S/m"),
        variables=("sto", "T"),
    ),
]
ModulusLaw = Annotated[
    LawSpec,
    LawForm(
        name="E",
        quantity=Quantity(dimension="pressure", above="0 Pa", high="10 TPa"),
        variables=("sto",),
    ),
]
PoissonLaw = Annotated[
    LawSpec,
    LawForm(
        name="nu", quantity=Quantity(dimension="ratio", above="-1", below="0.5"), variables=("sto",)
    ),
]
IonicConductivityLaw = Annotated[
    LawSpec,
    LawForm(
        name="kappa",
        quantity=Quantity(dimension="conductivity", above="0 S/m", below="1e4 S/m"),
        variables=("c_e", "T"),
    ),
]
SaltDiffusivityLaw = Annotated[
    LawSpec,
    LawForm(
        name="D_e",
        quantity=Quantity(dimension="diffusivity", above="0 m^2/s", high="1e-4 m^2/s"),
        variables=("c_e", "T"),
    ),
]
TransferenceLaw = Annotated[
    LawSpec,
    LawForm(
        name="t_plus",
        quantity=Quantity(dimension="ratio", low="-1", below="1"),
        variables=("c_e", "T"),
    ),
]
ThermodynamicLaw = Annotated[
    LawSpec,
    LawForm(
        name="tdf",
        quantity=Quantity(dimension="ratio", above="0", high="100"),
        variables=("c_e", "T"),
    ),
]
CounterExchangeLaw = Annotated[
    LawSpec,
    LawForm(
        name="i_0",
        quantity=Quantity(dimension="current_density", above="0 A/m^2", high="1e6 A/m^2"),
        variables=("c_e", "T"),
    ),
]
