"""The named laws, by property: what YAML may call and ``mesode list`` shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesode.materials import diffusion, elasticity, electrolytes, exchange_current, ocp
from mesode.materials.names import UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mesode.materials.law import Law


def _by_name(laws: tuple[Law, ...]) -> dict[str, Law]:
    """Index laws by the name of their base, which is the one without the activation energy."""
    return {(law.base or law).name: law for law in laws}


_LAWS: Mapping[str, Mapping[str, Law]] = {
    "ocp": _by_name(ocp.LAWS),
    "D_s": _by_name(diffusion.LAWS),
    "i_0": _by_name(exchange_current.LAWS),
    "kappa": _by_name(electrolytes.KAPPA_LAWS),
    "D_e": _by_name(electrolytes.D_E_LAWS),
    "t_plus": _by_name(electrolytes.T_PLUS_LAWS),
    "tdf": _by_name(electrolytes.TDF_LAWS),
    "E": _by_name(elasticity.E_LAWS),
    "nu": _by_name(elasticity.NU_LAWS),
    "yield_strength": _by_name(elasticity.YIELD_LAWS),
    "swelling": _by_name(elasticity.SWELLING_LAWS),
}


def branches_of(name: str) -> tuple[Law, Law] | None:
    """Return the branches of lithiation and delithiation that a potential belongs to, if it does.

    They share the beginning of its name, as does the mean of both.
    """
    stem = name.rpartition("_")[0]
    lithiation, delithiation = (
        _LAWS["ocp"].get(f"{stem}_{branch}") for branch in ("lithiation", "delithiation")
    )
    return None if lithiation is None or delithiation is None else (lithiation, delithiation)


def list_laws() -> Mapping[str, Mapping[str, Law]]:
    """Return all named laws as {property: {name: law}}."""
    return _LAWS


def get_law(quantity: str, name: str) -> Law:
    """Return the named law of a property.

    Raises:
        UnknownNameError: if the property has no named laws, or not this one; tells the nearest.
    """
    if quantity not in _LAWS:
        raise UnknownNameError("property with named laws", quantity, _LAWS)
    if name not in _LAWS[quantity]:
        raise UnknownNameError(f"law for {quantity}", name, _LAWS[quantity])
    return _LAWS[quantity][name]
