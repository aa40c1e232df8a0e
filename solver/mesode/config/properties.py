"""Fields of the case file that are properties of materials, from ``materials.property_table``."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from mesode.config.base import entry
from mesode.config.laws import LawForm
from mesode.config.quantities import Quantity
from mesode.materials.property_table import PROPERTIES


def number(key: str) -> Quantity:
    """Return what validates a property that is a number, or a law that is given as one."""
    return Quantity(**asdict(PROPERTIES[key].bounds))


def law(key: str) -> LawForm:
    """Return what validates a property that is a law."""
    return LawForm(name=key, quantity=number(key), variables=PROPERTIES[key].variables)


def law_of_metal(key: str) -> LawForm:
    """Return what validates a law of lithium metal, which has no lithiation."""
    form = law(key)
    return replace(form, variables=tuple(v for v in form.variables if v != "sto"))


def given(key: str, meaning: str = "") -> Any:
    """Return the entry of a property that is the preset's where it is not given."""
    return entry(meaning or PROPERTIES[key].meaning, None)
