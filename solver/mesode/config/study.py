"""The study file: a base case, what is varied about it, what is collected of the results."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, Self

from pydantic import Discriminator, Tag, model_validator

from mesode.config.base import Block, Finding, entry, problem, refuse

SEED = "geometry.electrode.particles.seed"
MOST_CASES: Final = 100_000
Scalar = bool | int | float | str


class Values(Block):
    """The values of one key: one of ``values``, ``range``, ``logrange``."""

    values: tuple[Any, ...] | None = entry("The values themselves.", None)
    range: tuple[Scalar, Scalar, int] | None = entry(
        "[first, last, number]: evenly spaced; with units where the key has one.", None
    )
    logrange: tuple[Scalar, Scalar, int] | None = entry(
        "[first, last, number]: evenly spaced in the logarithm.", None
    )
    into: str | None = entry(
        "Text that each value is put into, e.g. 'Lithiate at {} C until 10 mV'.", None
    )
    name: str | None = entry("Column of the results; default: the path of the key.", None)

    @model_validator(mode="before")
    @classmethod
    def _bare_list(cls, data: Any) -> Any:
        return {"values": data} if isinstance(data, list | tuple) else data

    @model_validator(mode="after")
    def _one_of_three(self) -> Self:
        given = [k for k in ("values", "range", "logrange") if getattr(self, k) is not None]
        if len(given) != 1:
            raise problem("expected a list, {range: [a, b, n]} or {logrange: [a, b, n]}")
        if self.values is not None and not self.values:
            raise problem("expected at least one value")
        spaced = self.range or self.logrange
        if spaced and not 1 <= spaced[2] <= MOST_CASES:
            raise problem(f"expected from 1 to {MOST_CASES} values", path=(given[0], 2))
        if self.into is not None and self.into.count("{}") != 1:
            raise problem("expected a text with one {} for the value", path=("into",))
        return self


class Interval(Block):
    """Where the samples of one key lie: ``[low, high]``, or ``{log: [low, high]}``."""

    linear: tuple[Scalar, Scalar] | None = entry("Lowest and highest value.", None)
    log: tuple[Scalar, Scalar] | None = entry("Lowest and highest, even in the logarithm.", None)
    into: str | None = entry("Text that each value is put into.", None)
    name: str | None = entry("Column of the results; default: the path of the key.", None)

    @model_validator(mode="before")
    @classmethod
    def _bare_pair(cls, data: Any) -> Any:
        return {"linear": data} if isinstance(data, list | tuple) else data

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.linear is None) == (self.log is None):
            raise problem("expected [low, high] or {log: [low, high]}")
        if self.into is not None and self.into.count("{}") != 1:
            raise problem("expected a text with one {} for the value", path=("into",))
        return self


class Sample(Block):
    """Points in the space of several keys instead of a grid."""

    method: Literal["lhs", "sobol", "random"] = entry(
        "lhs: Latin hypercube; sobol: a sequence of low discrepancy, best with n a power of two."
    )
    n: int = entry("Number of points.", ge=1, le=MOST_CASES, strict=True)
    seed: int = entry("Seed of the points.", 1, ge=0, le=2**32 - 1, strict=True)
    keys: dict[str, Interval] = entry("Path of each key and its interval.")

    @model_validator(mode="after")
    def _has_keys(self) -> Self:
        if not self.keys:
            raise problem("expected at least one key", path=("keys",))
        return self


class Repeat(Block):
    """The same with several seeds of the geometry."""

    seeds: tuple[int, ...] | int = entry("The seeds, or how many: from 1 on.")
    key: str = entry("Path of the seed.", SEED)

    @model_validator(mode="after")
    def _has_seeds(self) -> Self:
        if self.seeds == () or (isinstance(self.seeds, int) and self.seeds < 1):
            raise problem("expected at least one seed", path=("seeds",))
        if isinstance(self.seeds, int) and self.seeds > MOST_CASES:
            raise problem(f"expected at most {MOST_CASES} seeds", path=("seeds",))
        return self

    def numbers(self) -> tuple[int, ...]:
        """Return the seeds."""
        return tuple(range(1, self.seeds + 1)) if isinstance(self.seeds, int) else self.seeds


class Place(Block):
    """Where another column has a value."""

    column: str = entry("A column of the time series, with its unit.")
    value: float = entry("Its value, in the unit of the column.")


class Figure(Block):
    """A figure of merit: a number of a column of the time series, or of the manifest."""

    column: str | None = entry("A column of the time series, with its unit.", None)
    take: Literal["end", "start", "max", "min", "mean"] = entry("Which value of it.", "end")
    at: Place | None = entry("Instead: its value where another column has a value.", None)
    step: int | None = entry("Of this step of the protocol alone, from 1.", None, ge=1, strict=True)
    manifest: str | None = entry("Instead: a path in manifest.json, e.g. balances.lithium.", None)

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.column is None) == (self.manifest is None):
            raise problem("expected one of column and manifest")
        return self

    @model_validator(mode="after")
    def _have_effect(self) -> Self:
        taken = self.take != "end"
        given = {"take": taken, "at": self.at is not None, "step": self.step is not None}
        if self.manifest is not None:
            text, hint = "no effect on a number of the manifest", "Take this out, or give a column"
            refuse(Finding(text, hint, (key,)) for key, there in given.items() if there)
        if self.at is not None and taken:
            text = "no effect beside at, which says where the value is"
            raise problem(text, "Take one of the two", ("take",))
        return self


def _base_kind(value: Any) -> str:
    return "file" if isinstance(value, str) else "inline"


Base = Annotated[
    Annotated[str, Tag("file")] | Annotated[dict[str, Any], Tag("inline")],
    Discriminator(_base_kind),
]


class StudyFile(Block):
    """A set of cases: the product of all that is varied, sampled and repeated."""

    title: str = entry("One line that says what the study shows.", "")
    base: Base = entry("The case: a file, relative to this one, or the case itself.")
    set: dict[str, Any] = entry("Keys that all cases have different from the base.", {})
    vary: dict[str, Values] = entry("Path of each key and its values.", {})
    zip: tuple[tuple[str, ...], ...] = entry("Groups of keys of `vary` that go together.", ())
    sample: Sample | None = entry("Points instead of a grid.", None)
    repeat: Repeat | None = entry("Several seeds of the geometry.", None)
    collect: dict[str, Figure] | None = entry(
        "Figures of merit by name, or a list of columns (their end); default: the usual ones.", None
    )

    @model_validator(mode="before")
    @classmethod
    def _list_of_columns(cls, data: Any) -> Any:
        collect = data.get("collect") if isinstance(data, dict) else None
        if isinstance(collect, list) and all(isinstance(name, str) for name in collect):
            return {**data, "collect": {name: {"column": name} for name in collect}}
        return data

    @model_validator(mode="after")
    def _zipped_keys_are_varied(self) -> Self:
        seen: list[str] = []
        for number, group in enumerate(self.zip):
            for place, key in enumerate(group):
                if key not in self.vary:
                    raise problem(f"'{key}' is not a key of vary", path=("zip", number, place))
                if key in seen:
                    raise problem(f"'{key}' is in two groups", path=("zip", number, place))
                seen.append(key)
        return self
