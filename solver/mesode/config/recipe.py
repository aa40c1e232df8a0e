"""Key ``recipe``: an electrode by weight, from which thickness, area fractions and pores follow.

Per area of electrode, with the loading L of active material, parts by weight w and densities rho
of solids, thickness T and porosity eps (all electrolyte, also that in the carbon-binder),

    L/rho_a + L/w_a (w_c/rho_c + w_b/rho_b) = T (1 - eps),

so two of L, T and eps are given and the third follows. In 2D an area fraction is a volume fraction:
particles take L/(rho_a T). The carbon-binder is what is left of the electrode where it is a matrix,
which sets its porosity; in another shape it takes its solid volume over 1 minus its own porosity.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Final, Self

from pydantic import Discriminator, Tag, model_validator

from mesode.config.base import Block, entry, problem
from mesode.config.properties import number
from mesode.config.quantities import Fraction, Quantity
from mesode.units import format_quantity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mesode.config.base import Path

Density = Annotated[float, number("density")]
Parts = Annotated[float, Quantity(dimension="ratio", low="0", high="1e6")]
Loading = Annotated[
    float, Quantity(dimension="areal_mass", low="0.001 mg/cm^2", high="1000 mg/cm^2")
]
FITS: Final = 1e-6  # relative, of numbers that are given although they follow


def _parts_kind(value: Any) -> str:
    return "several" if isinstance(value, dict) else "single"


ActiveParts = Annotated[
    Annotated[Parts, Tag("single")] | Annotated[dict[str, Parts], Tag("several")],
    Discriminator(_parts_kind),
]


class Recipe(Block):
    """The electrode by weight, dry. Two of loading, porosity and thickness; the third follows."""

    active: ActiveParts = entry(
        "Parts by weight of active material; of several: {name: parts, ...}.", examples=[80]
    )
    carbon: Parts = entry("Parts by weight of conductive carbon.", 0.0)
    binder: Parts = entry("Parts by weight of binder.", 0.0)
    loading: Loading | None = entry("Active material per area of the electrode.", None)
    porosity: Fraction | None = entry(
        "Share of electrolyte in the electrode, with that in the carbon-binder.", None
    )
    carbon_density: Density = entry("Density of the carbon.", "1.9 g/cm^3")
    binder_density: Density = entry("Density of the binder.", "1.2 g/cm^3")

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.actives() or not all(parts > 0.0 for parts in self.actives().values()):
            raise problem("expected parts above 0", path=("active",))
        return self

    def actives(self) -> dict[str, float]:
        """Return the parts of each active material; "" is the only one."""
        return dict(self.active) if isinstance(self.active, dict) else {"": self.active}

    def solid_volume(self) -> float:
        """Return the volume of carbon and binder per mass of active material [m^3/kg]."""
        parts = self.carbon / self.carbon_density + self.binder / self.binder_density
        return parts / sum(self.actives().values())

    def solid_density(self) -> float:
        """Return the density of carbon and binder together, without pores [kg/m^3]."""
        volume = self.solid_volume() * sum(self.actives().values())
        return (self.carbon + self.binder) / volume if volume else self.binder_density


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """What a recipe amounts to, SI: of the three measures two were given."""

    loading: float
    thickness: float
    porosity: float
    fractions: dict[str, float]  # area of each active material over that of the electrode
    solid: float  # area of the solid of the carbon-binder, likewise

    @property
    def particles(self) -> float:
        """Area of all particles over that of the electrode."""
        return sum(self.fractions.values())

    @property
    def matrix_porosity(self) -> float:
        """Porosity of a carbon-binder that fills all between the particles."""
        return 1.0 - self.solid / (1.0 - self.particles)


def balance(
    recipe: Recipe, densities: Mapping[str, float], thickness: float | None, place: Path = ()
) -> Balance:
    """Close the balance of volumes.

    Args:
        recipe: the electrode by weight.
        densities: of each active material [kg/m^3].
        thickness: of the electrode [m], if it is given.
        place: path of the electrode, for messages.

    Raises:
        PydanticCustomError: too few measures, too many that do not fit, no room for the pores.
    """
    total = sum(recipe.actives().values())
    shares = {name: parts / total for name, parts in recipe.actives().items()}
    active = sum(share / densities[name] for name, share in shares.items())
    volume = active + recipe.solid_volume()  # of all solids per mass of active material
    loading, porosity = recipe.loading, recipe.porosity
    if [loading, porosity, thickness].count(None) > 1:
        hint = "Give two of recipe.loading, recipe.porosity and thickness; the third follows"
        raise problem(
            "the recipe does not say how thick the electrode is", hint, (*place, "recipe")
        )
    if loading is None and porosity is not None and thickness is not None:
        loading = thickness * (1.0 - porosity) / volume
    elif thickness is None and loading is not None and porosity is not None:
        thickness = loading * volume / (1.0 - porosity)
    if loading is None or thickness is None:  # for the type checker: two are given
        raise problem("the recipe does not say how thick the electrode is", path=(*place, "recipe"))
    found = 1.0 - loading * volume / thickness
    if found <= 0.0:
        least = format_quantity(float(f"{loading * volume:.3g}"), "length")
        text = f"the solids alone take {least}, more than the thickness"
        raise problem(text, "Less loading, or a thicker electrode", (*place, "recipe", "loading"))
    if porosity is not None and not math.isclose(1.0 - found, 1.0 - porosity, rel_tol=FITS):
        fit = format_quantity(float(f"{loading * volume / (1.0 - porosity):.6g}"), "length")
        text = f"loading, porosity and thickness do not fit; the first two give {fit}"
        raise problem(text, "Take one of the three out", (*place, "thickness"))
    fractions = {
        name: loading * share / densities[name] / thickness for name, share in shares.items()
    }
    return Balance(
        loading=loading,
        thickness=thickness,
        porosity=found,
        fractions=fractions,
        solid=loading * recipe.solid_volume() / thickness,
    )
