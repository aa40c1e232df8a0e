"""Key ``image``: an electrode taken from a micrograph."""

from __future__ import annotations

import re
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator

from mesode.config.base import Block, Finding, entry, problem, refuse
from mesode.config.files import InputFile
from mesode.config.quantities import Quantity

PixelSize = Annotated[float, Quantity(dimension="length", low="1 nm", high="10 um")]
Sigma = Annotated[float, Quantity(dimension="ratio", low="0", high="20")]
SmallArea = Annotated[float, Quantity(dimension="area", low="0 um^2", high="1000 um^2")]
AreaError = Annotated[float, Quantity(dimension="ratio", above="0", high="0.005")]
Pixels = Annotated[int, Field(ge=0, le=1_000_000)]
HIGHEST_GREY: Final = 65535
_FEWEST_PHASES: Final = 2
_RANGE = re.compile(r"\s*(\d+)\s*(?:-\s*(\d+)\s*)?")


def names_as_text(value: Any) -> Any:
    """Return a mapping whose keys, numbers in the file, are texts."""
    return {str(k): v for k, v in value.items()} if isinstance(value, dict) else value


class Threshold(Block):
    """How a grey image is cut into phases."""

    method: Literal["otsu", "multi_otsu"] = entry("otsu: two phases; multi_otsu: two to five.")
    phases: tuple[str, ...] = entry("Names of the phases, from dark to bright.")

    @model_validator(mode="after")
    def _count(self) -> Self:
        most = {"otsu": 2, "multi_otsu": 5}[self.method]
        count = len(self.phases)
        if not _FEWEST_PHASES <= count <= most:
            due = "2" if most == _FEWEST_PHASES else f"2 to {most}"
            text = f"expected {due} names of phases for {self.method}, from dark to bright"
            raise problem(text, path=("phases",))
        if len(set(self.phases)) < count:
            raise problem("expected each phase once", path=("phases",))
        return self


class CropBox(Block):
    """A part of the image, in pixels as a viewer counts them, from the upper left corner."""

    left: Pixels = entry("Columns left out at the left.", 0)
    top: Pixels = entry("Rows left out on top.", 0)
    width: Pixels = entry("Columns that are used.")
    height: Pixels = entry("Rows that are used.")


class Image(Block):
    """A micrograph; its width, height and phases make the electrode."""

    file: InputFile = entry(
        "PNG or TIFF; looked up beside the YAML file, then in the working directory."
    )
    pixel: PixelSize = entry("Edge length of a pixel.")
    page: Annotated[int, Field(ge=1, le=100_000)] | None = entry(
        "Page of a stack, the first is 1; needed where the file has several.", None
    )
    crop: CropBox | None = entry("The part of the image that is used; default: all of it.", None)
    scale: Annotated[int, Field(ge=1, le=64)] = entry(
        "Blocks of so many pixels each way become one: the commonest phase, or the mean grey.", 1
    )
    phases: Annotated[dict[str, str], BeforeValidator(names_as_text)] | None = entry(
        "Phase of each grey value, or of a range 'from-to', in a segmented image.",
        None,
        examples=[{"0": "pore", "128": "carbon_binder", "200-255": "active"}],
    )
    threshold: Threshold | None = entry("How to segment a grey image, instead of phases.", None)
    smooth: Sigma | None = entry(
        "Standard deviation of the smoothing of the phases, in pixels; default: the largest, up "
        "to 1, with which the networks conduct what the pixels conduct, within 10 %.",
        None,
    )
    despeckle: SmallArea | None = entry(
        "Smallest region that is kept; default: 4 pixels, 49 of a grey image with noise.", None
    )
    area_error: AreaError = entry("Largest error of the area of a phase, relative.", 0.005)

    @field_validator("phases", mode="after")
    @classmethod
    def _readable(cls, phases: dict[str, str] | None) -> dict[str, str] | None:
        if phases is None:
            return None
        refuse(_check_greys(phases))
        if len(phases) < _FEWEST_PHASES or len(set(phases.values())) < _FEWEST_PHASES:
            raise problem("expected at least two phases", "e.g. {0: pore, 255: active}")
        return phases

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.phases is not None and self.threshold is not None:
            expected = "expected either phases or threshold, not both"
            raise problem(expected, path=("threshold",))
        if self.phases is None and self.threshold is None:
            hint = "Give phases for a segmented image, threshold for a grey one"
            raise problem("required key is missing", hint, ("phases",))
        return self

    def names(self) -> dict[tuple[str | int, ...], str]:
        """Return the phases that the image names, by their path below it."""
        if self.threshold is not None:
            return {("threshold", "phases", k): v for k, v in enumerate(self.threshold.phases)}
        return {("phases", k): v for k, v in (self.phases or {}).items()}


def grey_range(text: str) -> tuple[int, int]:
    """Return the first and last grey value of ``128`` or ``100-150``.

    Raises:
        ValueError: the text is neither.
    """
    match = _RANGE.fullmatch(text)
    if match is None:
        raise ValueError(text)
    low = int(match[1])
    return low, int(match[2] or low)


def _check_greys(phases: dict[str, str]) -> list[Finding]:
    found: list[Finding] = []
    taken: list[tuple[str, tuple[int, int]]] = []
    for text in phases:
        try:
            low, high = grey_range(text)
        except ValueError:
            expected = f"expected a grey value such as 128, or a range such as 100-150: '{text}'"
            found.append(Finding(expected, path=(text,)))
            continue
        if low > high or high > HIGHEST_GREY:
            expected = f"expected a range that rises, from 0 to {HIGHEST_GREY}: '{text}'"
            found.append(Finding(expected, path=(text,)))
        for other, (first, last) in taken:
            if low <= last and first <= high:
                expected = f"expected each grey value once, '{other}' and '{text}' share some"
                found.append(Finding(expected, path=(text,)))
        taken.append((text, (low, high)))
    return found
