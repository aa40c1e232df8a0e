"""Self-contained HTML pages: one file, pictures inside, no script, no network."""

from __future__ import annotations

import base64
import io
import warnings
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from mesode import __version__
from mesode.errors import OutputError
from mesode.inputs import refused
from mesode.whole_file import whole_file

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_SCREEN_DPI = 110  # on the page; pictures hold _SHARPNESS times that
_SHARPNESS = 1.6


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture inside the page: its data URI and the width it is shown with [CSS pixels]."""

    uri: str
    width: int


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("mesode.analysis", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = show_number
    return environment


def write_page(template: str, path: Path, **content: Any) -> Path:
    """Fill a template and write it whole or not at all.

    Raises:
        OutputError: the page cannot be written.
    """
    text = _environment().get_template(template).render(version=__version__, **content)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(path) as stream:
            stream.write(text.encode())
    except OSError as error:
        msg = f"{path}: the page cannot be written: {error.strerror}; choose another --out"
        raise OutputError(msg) from error
    return path


def show_number(value: Any) -> str:
    """Return a number with four digits, other values as text, nothing for what is not there."""
    if value is None or value != value:
        return "–"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return str(value) if isinstance(value, int) else f"{value:.4g}"


def embed_picture(path: Path, width: int) -> Picture:
    """Return a PNG file of ours (300 dpi) for the page, shown at most ``width`` pixels wide.

    Raises:
        InputError: it is another file: Pillow would have Ghostscript carry out PostScript.
    """
    from PIL import Image

    from mesode.analysis.style import DPI

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            file = Image.open(path, formats=("PNG",))
        with file:
            shown = min(width, round(file.width * _SCREEN_DPI / DPI))
            size = round(shown * _SHARPNESS), round(shown * _SHARPNESS * file.height / file.width)
            picture = file.convert("RGB").resize(size, Image.Resampling.LANCZOS)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Warning) as error:
        raise refused(path, f"expected a picture of mesode: {error}") from None
    stream = io.BytesIO()
    picture.quantize(256).save(stream, "PNG", optimize=True)
    return Picture(_data_uri(stream.getvalue()), shown)


def embed_animation(path: Path, width: int) -> Picture:
    """Return a GIF file for the page, as it is, shown at most ``width`` pixels wide.

    Raises:
        InputError: it is another file.
    """
    from PIL import Image

    try:
        with Image.open(path, formats=("GIF",)) as file:
            shown = min(width, file.width)
        return Picture(_data_uri(path.read_bytes(), "gif"), shown)
    except (OSError, ValueError, SyntaxError) as error:
        raise refused(path, f"expected a film of mesode: {error}") from None


def embed_figure(figure: Figure) -> Picture:
    """Return a figure for the page."""
    stream = io.BytesIO()
    dpi = _SCREEN_DPI * _SHARPNESS
    figure.savefig(stream, format="png", dpi=dpi, bbox_inches="tight", pad_inches=0.05)
    return Picture(_data_uri(stream.getvalue()), round(figure.get_figwidth() * _SCREEN_DPI))


def _data_uri(content: bytes, kind: str = "png") -> str:
    return f"data:image/{kind};base64,{base64.b64encode(content).decode('ascii')}"


def link(target: Path, page: Path) -> str:
    """Return the address of a file or folder relative to the page."""
    return Path(target.resolve()).relative_to(page.parent.resolve(), walk_up=True).as_posix()
