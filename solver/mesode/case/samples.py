"""The files that starter files of ``mesode new`` name: a small image, a small mesh."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from mesode.config.load import parse_case
from mesode.config.starter import starter_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_WIDTH, _HEIGHT, _PIXEL = 10.0, 8.0, 0.05  # [um] of the image


def write_image(path: Path) -> None:
    """Write a synthetic micrograph: particles, binder around their necks, open pores."""
    from PIL import Image

    from mesode.geometry.micrograph.synthetic import Recipe, make_sample
    from mesode.geometry.particles.grains import GrainRequest, Population
    from mesode.geometry.particles.sizes import LogNormal

    discs = Population(fraction=0.45, sizes=LogNormal(2.2, 0.2, 1.6, 3.2))
    recipe = Recipe(
        name=path.name,
        packing=GrainRequest(populations=(discs,), gap=0.2, seed=2),
        width=_WIDTH,
        height=_HEIGHT,
        pixel=_PIXEL,
        levels=(0, 128, 255),
        binder=0.6,
        blur=0.7,
        noise=0.1,
    )
    Image.fromarray(make_sample(recipe).values).save(path, optimize=True)


def write_mesh(path: Path) -> None:
    """Write the mesh of a small section: active, carbon_binder, separator."""
    from mesode.case.meshing import mesh_case

    small = [
        "geometry.width=6 um",
        "geometry.electrode={thickness: 6 um, particles: {fraction: 0.4, diameter: 2 um}}",
        "geometry.separator.thickness=6 um",
        "mesh={size: 0.8 um, interface: 0.2 um}",
    ]
    with tempfile.TemporaryDirectory() as folder:
        mesh_case(parse_case(starter_text("sample"), overrides=small), Path(folder))
        path.write_bytes((Path(folder) / "model.msh").read_bytes())


#: By the kind of starter file.
WRITERS: Mapping[str, Callable[[Path], None]] = {"micrograph": write_image, "own_mesh": write_mesh}
