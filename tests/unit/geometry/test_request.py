"""If these fail, lengths of the input arrive in another unit, or a recipe cannot be used."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from mesode.config.load import parse_case
from mesode.geometry.binder.place import Bridges, Film, Matrix
from mesode.geometry.particles.coating import CoatingRequest
from mesode.geometry.particles.grain_shapes import Disc, Ellipse
from mesode.geometry.particles.grains import make_grains
from mesode.geometry.particles.inside import Solid, YolkShell
from mesode.geometry.particles.sizes import Histogram, LogNormal, Mono
from mesode.geometry.request import section_request, to_um
from support.plain_case import plain_text

MESHES = Path(__file__).parents[3] / "meshes"
# what the first comment of a recipe says that it needs
MATERIALS = {
    "liu2022_yolk_shell": {
        "active": {"silicon": {"preset": "silicon"}, "shell": {"preset": "SiO"}}
    },
    "silicon_in_graphite": {
        "active": {"graphite": {"preset": "graphite"}, "silicon": {"preset": "silicon"}},
        "foil": {"preset": "copper"},
    },
}
RECIPES = sorted(MESHES.glob("*.yaml"))
STARTER = yaml.safe_load(plain_text("test"))


def _request(geometry, **materials):
    mesh = {"size": "1 um", "interface": "0.15 um"}
    materials = {**STARTER["materials"], **materials}
    case = parse_case({**STARTER, "geometry": geometry, "mesh": mesh, "materials": materials})
    return section_request(case)


def _geometry(**electrode):
    particles = {"fraction": 0.4, "diameter": "3 um", **electrode.pop("particles", {})}
    shape = {"thickness": "16.7 um", "particles": particles, **electrode}
    return {"width": "40 um", "electrode": shape, "separator": {"thickness": "25 um"}}


def test_lengths_are_micrometres():
    request = _request(_geometry(particles={"gap": "120 nm", "seed": 5}))
    assert (request.width, request.electrode.thickness) == (40.0, 16.7)
    assert (request.separator_thickness, request.interface_size) == (25.0, 0.15)
    grains = request.electrode.grains
    assert (grains.gap, grains.seed) == (0.12, 5)
    assert [p.sizes for p in grains.populations] == [Mono(3.0)]
    assert request.electrode.binder == (Matrix(),)


def test_no_binder_means_pore():
    request = _request(_geometry(carbon_binder={"kind": "none"}))
    assert request.electrode.binder == ()


def test_distributions_are_carried_over():
    wide = {"median": "3 um", "spread": 0.2, "min": "2 um", "max": "5 um"}
    classes = {"histogram": [["2 um", 0.25], ["4 um", 0.75]]}
    requests = [_request(_geometry(particles={"diameter": d})) for d in (wide, classes)]
    found = [r.electrode.grains.populations[0].sizes for r in requests]
    assert found == [LogNormal(3.0, 0.2, 2.0, 5.0), Histogram((2.0, 4.0), (0.25, 0.75))]


@pytest.mark.parametrize("metres", [3e-6, 16.7e-6, 1e-7, 0.15e-6])
def test_metres_to_micrometres_leaves_no_rounding(metres):
    assert to_um(metres) == float(f"{metres * 1e6:.10g}")


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda p: p.stem)
def test_recipes_are_valid_and_can_be_packed(recipe):
    text = recipe.read_text("utf-8")
    assert text.startswith("# ")
    request = _request(yaml.safe_load(text), **MATERIALS.get(recipe.stem, {}))
    width, thickness = request.width, request.electrode.thickness
    grains = make_grains(request.electrode.grains, width, thickness, request.interface_size)
    area = sum(outline.area for outline in grains.outlines)
    asked = sum(p.fraction for p in request.electrode.grains.populations)
    assert area == pytest.approx(asked * width * thickness, rel=1e-9)
    assert recipe.name in (MESHES / "README.md").read_text("utf-8")


def test_there_are_recipes():
    assert len(RECIPES) >= 3


def test_a_blend_with_binder_coating_and_foil_is_carried_over():
    particles = [
        {"fraction": 0.2, "diameter": "2 um", "shape": {"kind": "ellipse", "aspect": 1.5}},
        {
            "fraction": 0.1,
            "diameter": "3 um",
            "material": "si",
            "inside": {"kind": "yolk_shell", "shell": "200 nm", "material": "c", "void": 0.4,
                       "contact": "0.3 um"},
        },
    ]  # fmt: skip
    geometry = _geometry(
        carbon_binder=[
            {"kind": "film", "thickness": "150 nm"},
            {"kind": "bridges", "fraction": 0.1, "material": "c"},
        ],
        packing={"gap": "0.2 um", "seed": 7, "clustering": 0.5, "contact": "0.4 um"},
        coating={"integrity": 0.9, "defect": "500 nm", "seed": 3},
        collector="10 um",
    )
    geometry["electrode"]["particles"] = particles
    request = _request(
        geometry,
        active={"graphite": {"preset": "graphite"}, "si": {"preset": "silicon"}},
        carbon_binder={"cbd": {"preset": "CMC_SBR_SuperP"}, "c": {"preset": "carbon_black"}},
        coating={"preset": "carbon_coating"},
        foil={"preset": "copper"},
    ).electrode
    first, second = request.grains.populations
    assert (first.phase, first.shape, first.inside) == ("graphite", Ellipse(1.5), Solid())
    assert (second.phase, second.shape) == ("si", Disc())
    assert second.inside == YolkShell(shell=0.2, phase="c", void=0.4, contact=0.3)
    grains = request.grains
    assert (grains.gap, grains.seed, grains.clustering, grains.contact) == (0.2, 7, 0.5, 0.4)
    film = Film(thickness=0.15, phase="cbd")
    assert request.binder == (film, Bridges(fraction=0.1, phase="c"))
    assert request.coating == CoatingRequest(integrity=0.9, defect=0.5, seed=3)
    assert request.foil == 10.0
