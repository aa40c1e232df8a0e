"""Key ``third_dimension``: the electrode behind the section."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Tag, WithJsonSchema

from mesode.config.base import Block, entry, problem
from mesode.config.properties import number
from mesode.config.quantities import Length

#: What is assumed of the volume where the case does not give it.
ESTIMATES = {
    "length": "the median particle diameter",
    "sigma": "logarithmic mean of the conductors (Lichtenecker 1926) times their area share^1.5 "
    "(Bruggeman)",
    "macmullin": "logarithmic mean of the ion conductors over their area share^1.5",
}


class Volume(Block):
    """Effective transport of the volume of an electrode; what is not given is estimated."""

    length: Length | None = entry(
        "Way from the section to the electrode behind it; default: the median particle diameter.",
        None,
    )
    sigma: Annotated[float, number("sigma")] | None = entry(
        "Effective electronic conductivity of the volume; default: the logarithmic mean of the "
        "conductors times their area share to the power 1.5.",
        None,
    )
    macmullin: Annotated[float, number("macmullin")] | None = entry(
        "MacMullin number of the volume (bulk over effective ionic transport); default: the "
        "logarithmic mean of the ion conductors over their area share to the power 1.5.",
        None,
    )


class ThirdDimension(Volume):
    """The electrode behind the section, on which hangs what the section cuts off."""

    counter: Volume | None = entry(
        "The same of the counter electrode of a full section; default: estimated.", None
    )


def _block(value: Any) -> Any:
    """Return the block of what is estimated; an empty key means that too."""
    return {} if value in ("estimated", None) else value


def _kind(value: Any) -> str:
    return "ThirdDimension" if isinstance(value, dict | ThirdDimension) else "none"


def _only_none(value: Any) -> Any:
    if value != "none":
        hint = "The keys of the block are length, sigma and macmullin"
        raise problem("expected 'none', 'estimated' or a block", hint)
    return value


AnyThirdDimension = Annotated[
    Annotated[
        Literal["none"],
        BeforeValidator(_only_none),
        WithJsonSchema({"type": "string", "enum": ["none", "estimated"]}),
        Tag("none"),
    ]
    | Annotated[ThirdDimension, Tag("ThirdDimension")],
    Discriminator(_kind),
    BeforeValidator(_block),
]


def third_dimension_entry() -> Any:
    """Return the field of the key, which every kind of geometry has."""
    return entry(
        "What becomes of parts that the section cuts off: `none`, they take no part; `estimated` "
        "or a block, they are joined to the same electrode behind the section, as in the body.",
        "none",
    )
