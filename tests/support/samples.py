"""The recipes of ``meshes/samples``: ``python tests/support/samples.py FOLDER`` writes it anew.

``samples.json`` holds the true values of what the images show.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from PIL import Image

from mesode.geometry.micrograph.synthetic import Recipe, make_sample
from mesode.geometry.particles.grains import GrainRequest, Population
from mesode.geometry.particles.sizes import LogNormal


def _sio(fraction, seed):
    sizes = LogNormal(2.4, 0.25, 1.4, 4.0)
    discs = Population(fraction=fraction, sizes=sizes)
    return GrainRequest(populations=(discs,), gap=0.2, seed=seed)


RECIPES = (
    Recipe(
        name="sio_low_noise.png",
        packing=_sio(0.45, 4),
        width=20.0,
        height=12.0,
        pixel=0.04,
        levels=(0, 128, 255),
        binder=0.6,
        blur=0.7,
        noise=0.05,
    ),
    Recipe(
        name="sio_high_noise.png",
        packing=_sio(0.5, 2),
        width=20.0,
        height=12.0,
        pixel=0.05,
        levels=(0, 128, 255),
        binder=None,
        blur=1.5,
        noise=0.3,
        flips=0.01,
    ),
    Recipe(
        name="sio_grey.png",
        packing=_sio(0.5, 3),
        width=20.0,
        height=12.0,
        pixel=0.0625,
        levels=(0, 90, 170),
        binder=None,
        blur=1.0,
        noise=14.0,
        grey=True,
    ),
)


def write_samples(folder, recipes=RECIPES):
    """Write the images of the recipes and ``samples.json`` with their true values."""
    folder.mkdir(parents=True, exist_ok=True)
    truth = {}
    for recipe in recipes:
        sample = make_sample(recipe)
        Image.fromarray(sample.values).save(folder / recipe.name, optimize=True)
        truth[recipe.name] = sample.truth
    text = json.dumps({"synthetic": True, "unit": "um", "samples": truth}, indent=2)
    (folder / "samples.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    write_samples(Path(sys.argv[1]))
