"""The moments of a run that are worth a picture: ends of its kinds of steps, and extremes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mesode.columns import VOLTAGE
from mesode.fields import Group

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mesode.analysis.run_data import Run
    from mesode.analysis.xdmf import FloatArray, Series

_NOUNS = {
    "lithiate": "lithiation", "delithiate": "delithiation", "charge": "charge",
    "discharge": "discharge", "hold": "hold", "rest": "rest", "sweep": "sweep",
    "impedance": "impedance",
}  # fmt: skip
# the same in the words that curves have for a half cell and a full section
_OF_HALF_CELLS = {"discharge": "lithiation", "charge": "delithiation"}
_OF_FULL_CELLS = {"delithiation": "discharge", "lithiation": "charge"}
_NEAR = 0.02  # of the run: a frame within that is one of the moment
_SAME = 1e-6  # of the run; times closer than this are one
_TOGETHER = 2e-4  # of the run; frames closer than this show the same and have times that read alike
_UNITS = ((3600.0, "h", 7200.0), (60.0, "min", 600.0), (1.0, "s", 0.0))  # of a time from here on


@dataclass(frozen=True, slots=True)
class Moment:
    """A time of the run [s] and what it is; it lies in a step that began after ``after`` [s]."""

    time: float
    name: str
    after: float = -np.inf


def ends(run: Run) -> list[Moment]:
    """Return the end of each kind of step, where it came last, in the order of time.

    A rest is told by what it came after, a sweep by its direction.
    """
    found: dict[str, Moment] = {}
    before, last_voltage = "", float("nan")
    words = _OF_FULL_CELLS if run.full_section else _OF_HALF_CELLS
    for step in run.manifest.get("steps", ()):
        kind = _kind(step, last_voltage)
        kind = words.get(kind, kind)
        if kind == "impedance":
            continue  # the state is that of the step before
        last_voltage = float(step.get("end", {}).get(VOLTAGE) or np.nan)
        if kind == "rest" and before:
            kind = f"rest after {before}"
        elif kind != "rest":
            before = kind
        if step["t_end"] > step["t_start"]:
            found[kind] = Moment(float(step["t_end"]), f"end of {kind}")
    return sorted(found.values(), key=lambda moment: moment.time)


def _kind(step: Mapping[str, Any], before: float) -> str:
    words = str(step.get("text", "")).split()
    kind = _NOUNS.get(words[0].lower() if words else "", "step")
    if kind == "sweep":
        after = float(step.get("end", {}).get(VOLTAGE) or np.nan)
        kind += " up" if after > before else " down"
    return kind


def extreme(run: Run, column: str, end: str, name: str) -> Moment | None:
    """Return when a column was largest ("max") or smallest ("min") over the run, by that name.

    None where the run does not know of the column, or it has been zero throughout.
    """
    known = run.manifest.get("extremes", {}).get(column, {})
    if not known.get(end) or f"t_{end}" not in known:
        return None
    time, step = float(known[f"t_{end}"]), known.get(f"step_{end}")
    begins = [s["t_start"] for s in run.manifest.get("steps", ()) if s["index"] == step]
    # a frame at the begin of the step is the end of the one before
    return Moment(time, name, begins[0] if begins and time > begins[0] else -np.inf)


def frames(series: Series, moments: Sequence[Moment], most: int) -> dict[int, str]:
    """Return the frames nearest to moments, with names, in the order of time.

    Args:
        series: The fields.
        moments: By importance; where its frame, or one beside it, is taken, that has its name, too.
        most: Frames at most.
    """
    times = np.asarray(series.times)
    length = max(float(times[-1] - times[0]), 1e-300)
    found: dict[int, str] = {}
    for moment in moments:
        within = times > moment.after + _SAME * length
        distance = np.where(within, np.abs(times - moment.time), np.inf)
        frame = _taken(times, int(np.argmin(distance)), found, _TOGETHER * length)
        near = abs(times[frame] - moment.time) <= _NEAR * length
        name = moment.name if near else f"near {moment.name}"
        if frame in found:
            found[frame] = f"{found[frame]}, {name}"
        elif len(found) < most:
            found[frame] = name
    return dict(sorted(found.items()))


def _taken(times: FloatArray, frame: int, found: Mapping[int, str], near: float) -> int:
    """Return a frame that is taken and so near that it does for this one, or this one."""
    beside = [each for each in found if abs(times[each] - times[frame]) < near]
    return min(beside, key=lambda each: abs(times[each] - times[frame]), default=frame)


def by_importance(found: list[Moment]) -> list[Moment]:
    """Put what flows before the rests."""
    return sorted(found, key=lambda moment: "rest" in moment.name)


def titles(series: Series, found: dict[int, str]) -> list[str]:
    """Return name and time of each frame, in one unit."""
    times = time_texts([series.times[frame] for frame in found])
    return [f"{name}, {t}" if name else t for name, t in zip(found.values(), times, strict=True)]


def time_texts(times: Sequence[float]) -> list[str]:
    """Return times [s] for labels of one figure, all in the same unit."""
    longest = max((abs(t) for t in times), default=0.0)
    scale, unit = time_unit(longest)
    return [f"{t / scale:.4g} {unit}" for t in times]


def time_unit(longest: float) -> tuple[float, str]:
    """Return the unit [s] in which times up to the longest are shown, and its name."""
    return next((scale, unit) for scale, unit, least in _UNITS if longest >= least)


def busy_frame(run: Run) -> int:
    """Return the last frame in which current flows; all groups have the same frames."""
    for group, name in ((Group.ELECTRONIC, "i_s"), (Group.IONIC, "i_e")):
        series = run.series(group)
        if series is not None and name in series.names:
            return last_with_current(series, name)
    return -1


def busy(run: Run, series: Series) -> dict[int, str]:
    """Return the last frame in which current flows, with its name if it is the end of a step."""
    frame = busy_frame(run) % len(series.times)
    known = frames(series, ends(run), len(series.times))
    return {frame: known.get(frame, "")}


def last_with_current(series: Series, name: str) -> int:
    """Return the last frame that is not one of a rest, or the last of all."""
    largest = [float(series.read(name, k).magnitude.mean()) for k in range(len(series.times))]
    busy = [k for k, value in enumerate(largest) if value > 0.05 * max(largest)]
    return busy[-1] if busy else len(largest) - 1
