"""The section of a run in motion: lithiation and stress on the deformed section, over the curves.

One picture for each frame of the fields. All have the same scales, so that colours and lengths can
be compared over the whole film. Below the maps the voltage, and the thickness where it is known,
with a dot at the time of the picture.
"""

from __future__ import annotations

import io
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import chain
from typing import IO, TYPE_CHECKING

import numpy as np

from mesode.analysis import curves, maps, moments, style
from mesode.analysis.deformed import DeformedSection
from mesode.analysis.material_maps import Part, limits_of, parts
from mesode.analysis.run_data import open_run
from mesode.columns import THICKNESS, TIME, VOLTAGE
from mesode.errors import InputError, OutputError, Problem
from mesode.fields import FIELDS, Group
from mesode.whole_file import whole_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from PIL import Image

    from mesode.analysis.run_data import Run
    from mesode.analysis.xdmf import FloatArray, Series

_NAME = "animation"
_DPI = 110
_MOST_FRAMES = 150  # of a long run some are left out, evenly
_SAMPLES = 16  # frames that set the ends of the colours
_SECONDS = 6.0  # that a film lasts, within these numbers of pictures a second
_RATES = (4.0, 20.0)
_CURVES_MM = 42.0  # height of the curves with their labels


@dataclass(frozen=True, slots=True)
class _Map:
    """A field of a part of the section, with one scale for all frames."""

    series: Series
    field: str
    part: Part
    limits: maps.Limits


@dataclass(frozen=True, slots=True)
class _Film:
    """What all pictures of a film share: ``outline`` are the particles, ``extent`` is in um."""

    run: Run
    maps: Sequence[_Map]
    outline: Series | None
    shape: DeformedSection
    extent: FloatArray


def check_kind(kind: str) -> None:
    """Raise where films of a kind cannot be written here.

    Raises:
        InputError: what writes MP4 files is not installed.
    """
    if kind == "mp4" and find_spec("imageio_ffmpeg") is None:
        hint = f"{sys.executable} -m pip install imageio-ffmpeg, or take --animate gif"
        expected = "expected the package imageio-ffmpeg, which writes MP4 files"
        raise InputError([Problem("--animate", kind, expected, hint)])


def animate(folder: Path, kind: str = "gif") -> Path | None:
    """Draw the film of a run into ``folder/figures/animation.<kind>``.

    Args:
        folder: A run folder with fields of at least two times.
        kind: ``gif`` or ``mp4``.

    Returns:
        Path of the film; None where the run has fewer than two frames.

    Raises:
        InputError: the folder is not a run folder, or films of this kind cannot be written.
        OutputError: the film cannot be written.
    """
    check_kind(kind)
    run = open_run(folder)
    active, shape = run.series(Group.ACTIVE), DeformedSection(run)
    shown = _maps(run, active)
    if not shown:
        return None
    times = shown[0].series.times
    frames = curves.pick_frames(len(times), _MOST_FRAMES)
    extent = shape.extent(maps.section_extent(run, *maps.SOLID), [times[k] for k in frames])
    film = _Film(run, shown, active, shape, extent)
    path = folder / "figures" / f"{_NAME}.{kind}"
    with style.house_style():
        _write(path, _pictures(film, frames), rate=_rate(len(frames)))
    return path


def _rate(count: int) -> float:
    """Return pictures a second."""
    return float(np.clip(count / _SECONDS, *_RATES))


def _maps(run: Run, active: Series | None) -> list[_Map]:
    """Return what is shown of a run: nothing where it has fewer than two frames."""
    mechanical = run.series(Group.MECHANICAL)
    found: list[tuple[Series, str, list[Part]]] = []
    if active is not None and "sto" in active.names:
        found.append((active, "sto", [Part("particles", None)]))
    if mechanical is not None and "von_mises" in mechanical.names:
        found.append((mechanical, "von_mises", parts(run, mechanical)))
    shown = []
    for series, field, several in found:
        if len(series.times) > 1:
            samples = curves.pick_frames(len(series.times), _SAMPLES)
            values = [series.read(field, k) for k in samples]
            limits = (limits_of(values, part, FIELDS[field]) for part in several)
            pairs = zip(several, limits, strict=True)
            shown += [_Map(series, field, part, ends) for part, ends in pairs]
    return shown


def _pictures(film: _Film, frames: Sequence[int]) -> Iterator[Image.Image]:
    """Yield the picture of each frame; its sides have even numbers of pixels, as films ask for."""
    from PIL import Image

    texts = moments.time_texts([film.maps[0].series.times[k] for k in frames])
    for frame, text in zip(frames, texts, strict=True):
        stream = io.BytesIO()
        _picture(film, frame, text).savefig(stream, format="png", dpi=_DPI)
        picture = Image.open(stream).convert("RGB")
        width, height = picture.size
        yield picture.crop((0, 0, width - width % 2, height - height % 2))


def _picture(film: _Film, frame: int, text: str) -> Figure:
    """Draw one frame."""
    count = len(film.maps)
    figure, axes = maps.panels(count, film.extent, columns=count, below=_CURVES_MM)
    t = film.maps[0].series.times[frame]
    outline = None if film.outline is None else film.shape.at(film.outline, t)
    moved = {one.field: film.shape.at(one.series, t) for one in film.maps}
    values = {one.field: one.series.read(one.field, frame) for one in film.maps}
    for k, (ax, one) in enumerate(zip(axes, film.maps, strict=True)):
        field = FIELDS[one.field]
        artist = maps.draw_field(
            ax, moved[one.field], values[one.field], field,
            limits=one.limits, where=one.part.where, colorbar=False,
        )  # fmt: skip
        strength = one.part.strength if one.field == "von_mises" else None
        maps.draw_bar(ax, artist, one.limits, field, mark=strength)
        if outline is not None:
            maps.draw_outline(ax, outline)
        name = field.name if one.part.where is None else f"{field.name}, {one.part.name}"
        ax.set_title(f"{text if k == 0 else ''}\n{name}", loc="left")
    _draw_curves(figure, film.run, t)
    return figure


def _draw_curves(figure: Figure, run: Run, t: float) -> None:
    """Draw voltage and thickness over time below the maps, with a dot where the picture is."""
    time, voltage = run.column_or_none(TIME), run.column_or_none(VOLTAGE)
    if time is None or voltage is None:
        return
    width, height = figure.get_size_inches() / style.MM
    left, low, free = 13.0, 10.0, 14.0  # [mm] for labels
    place = left / width, low / height, 1.0 - (left + free) / width, (_CURVES_MM - 15.0) / height
    ax = figure.add_axes(place)
    scale, unit = moments.time_unit(float(time[-1]))
    ax.set(xlabel=f"Test time [{unit}]", xlim=(0.0, time[-1] / scale))
    _follow(ax, time / scale, voltage, t / scale, style.COLORS[0], curves.axis_label(VOLTAGE))
    thickness = run.column_or_none(THICKNESS)
    if thickness is not None:
        twin = ax.twinx()
        twin.spines["right"].set_visible(True)
        label = "Thickness change [%]"
        _follow(twin, time / scale, 100.0 * thickness, t / scale, style.COLORS[1], label)


def _follow(
    ax: Axes, time: FloatArray, values: FloatArray, now: float, color: str, label: str
) -> None:
    """Draw a curve, what has been of it darker, and a dot where it is."""
    known = np.isfinite(values)
    time, values = time[known], values[known]
    value, past = np.interp(now, time, values), time <= now
    ax.plot(time, values, lw=0.7, color=color, alpha=0.35)
    ax.plot([*time[past], now], [*values[past], value], lw=1.4, color=color)
    ax.plot(now, value, "o", ms=4.0, color=color)
    ax.set_ylabel(label, color=color)


def _write(path: Path, pictures: Iterator[Image.Image], *, rate: float) -> None:
    """Write a film whole or not at all."""
    write = _write_gif if path.suffix == ".gif" else _write_mp4
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(path) as stream:
            write(stream, pictures, rate)
    except OSError as error:
        msg = f"{path}: the film cannot be written: {error.strerror or error}"
        raise OutputError(msg) from error


def _write_gif(stream: IO[bytes], pictures: Iterator[Image.Image], rate: float) -> None:
    first, *others = (picture.quantize(256) for picture in pictures)
    first.save(
        stream, "GIF", save_all=True, append_images=others, duration=round(1000.0 / rate), loop=0
    )


def _write_mp4(stream: IO[bytes], pictures: Iterator[Image.Image], rate: float) -> None:
    import imageio_ffmpeg

    first = next(pictures)
    film = imageio_ffmpeg.write_frames(
        stream.name, first.size, fps=rate, macro_block_size=2, output_params=["-f", "mp4"]
    )
    film.send(None)
    for picture in chain([first], pictures):
        film.send(picture.tobytes())
    film.close()
