"""If these fail, a slip in a microstructure, an image or a mesh costs a traceback or half a run.

Each case goes through the command line as it is typed; the message must say what, where, the
number, and what to do, and nothing may be written.
"""

from __future__ import annotations

from pathlib import Path

import meshio
import numpy as np
import pytest
import yaml
from PIL import Image

from mesode.cli.main import main
from support.plain_case import plain_text

pytestmark = pytest.mark.serial

STARTER = yaml.safe_load(plain_text("test"))
IMAGE = {"file": "sem.png", "pixel": "0.1 um", "phases": {0: "carbon_binder", 255: "active"}}
ELECTRODE = "geometry.electrode"


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(STARTER)


def write(data):
    Path("case.yaml").write_text(yaml.safe_dump(data))


def files():
    return sorted(path for path in Path.cwd().rglob("*") if path.is_file())


def refused(capsys, *changes):
    """Return the message of `mesode mesh` and `mesode run`; they must say the same."""
    before = files()
    said = []
    for command in ("mesh", "run"):
        assert main([command, "case.yaml", *(p for c in changes for p in ("--set", c))]) == 2
        assert files() == before
        said.append(capsys.readouterr().err.replace(f"mesode {command}", "mesode"))
    assert said[0] == said[1]
    assert "Traceback" not in said[0]
    return said[0]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            ["coating.integrity=1.2"],
            ["electrode.coating.integrity", "at most 1", "got 1.2"],
        ),
        (
            ["carbon_binder={kind: film, thickness: 0.3 um}"],
            ["carbon_binder.thickness", "at most the gap, 0.1 um", "'0.3 um'"],
        ),
        (
            ["particles.inside={kind: hollow, void: 1}"],
            ["particles.inside.void", "below 1", "got 1"],
        ),
        (
            ["packing={contact: 3 um}"],
            ["packing.contact", "below the smallest diameter, 3 um", "'3 um'"],
        ),
        (
            ["particles=[{fraction: 0.4, diameter: 3 um}, {fraction: 0.3, diameter: 5 um}]"],
            ["electrode.particles", "at most 0.65 together", "0.7"],
        ),
        (
            [
                "particles={fraction: 0.6, diameter: 3 um}",
                "carbon_binder={kind: bridges, fraction: 0.5}",
            ],
            ["electrode.carbon_binder", "at most 1 together", "1.1"],
        ),
        (
            ["particles.material=silicon"],
            ["particles.material", "materials.active", "'silicon'", "Known: active"],
        ),
        (
            ["carbon_binder={kind: brigdes, radius: 1 um}"],
            ["carbon_binder.kind", "'brigdes'", "Did you mean 'bridges'?"],
        ),
        (
            ["coating={integrity: 0.9}"],
            ["materials.coating", "required key is missing", "preset"],
        ),
        (["collector=10 um"], ["materials.foil", "required key is missing"]),
        (
            ["image={file: sem.png, pixel: 0.1 um}"],
            ["geometry.width", "electrode.thickness", "beside an image", "particles"],
        ),
    ],
)
def test_a_slip_in_the_electrode(capsys, changes, words):
    message = refused(capsys, *(f"{ELECTRODE}.{change}" for change in changes))
    assert "in case.yaml:" in message
    for word in words:
        assert word in message


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            "materials.coating={preset: carbon_coating}",
            ["materials.coating", "no coating", "geometry.electrode.coating"],
        ),
        (
            "geometry.counter={thickness: 20 um, particles: {fraction: 0.4, diameter: 5 um}}",
            ["materials.counter.active", "required key is missing"],
        ),
        (
            "geometry.mesh={file: my.msh, unit: um, phases: {a: active}}",
            ["mesh", "has its own sizes"],
        ),
        (
            "initial.counter_lithiation=0.5",
            ["initial.counter_lithiation", "lithium metal, which has none"],
        ),
        (
            "materials.active={si: {preset: silicon}, pore: {preset: graphite}}",
            ["materials.active.pore", "a meaning of its own"],
        ),
        (
            f"materials.active={{{'a' * 61}: {{preset: silicon}}, b: {{preset: graphite}}}}",
            ["letters, digits and underscores, at most 60"],
        ),
    ],
)
def test_what_does_not_go_together(capsys, change, words):
    message = refused(capsys, change)
    for word in words:
        assert word in message


def test_several_slips_are_told_at_once(capsys):
    message = refused(
        capsys,
        f"{ELECTRODE}.coating.integrity=1.2",
        f"{ELECTRODE}.particles.shape=disk",
        "materials.active.sigma=-1 S/m",
    )
    assert message.count("\n  - ") == 3


def test_a_material_that_is_not_used_is_a_warning_of_check(capsys):
    change = f"{ELECTRODE}.carbon_binder.kind=none"
    third = "geometry.third_dimension=estimated"
    assert main(["check", "case.yaml", "--set", change, "--set", third]) == 0
    assert "materials.carbon_binder is not used by the geometry" in capsys.readouterr().out


# --- images


def picture(mode="L", size=(60, 60), spots=((30, 30, 12),), value=255):
    """Save an image of discs."""
    width, height = size
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    grey = np.zeros((height, width), dtype=np.uint8)
    for a, b, radius in spots:
        grey[(x - a) ** 2 + (y - b) ** 2 <= radius**2] = value
    Image.fromarray(grey).convert(mode).save("sem.png")


def write_image(**changes):
    block = {k: v for k, v in {**IMAGE, **changes}.items() if v is not None}
    geometry = {"electrode": {"image": block}, "separator": {"thickness": "5 um"}}
    write({**STARTER, "geometry": geometry})


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"file": "tem.png"}, ["electrode.image.file", "no such file", "'tem.png'"]),
        ({"file": "case.yaml"}, ["case.yaml", "PNG or TIFF"]),
        ({"pixel": 0.1}, ["electrode.image.pixel", "unit", "got 0.1"]),
        ({"pixel": "1 mm"}, ["electrode.image.pixel", "at most 10 um", "'1 mm'"]),
        ({"area_error": 0.02}, ["image.area_error", "at most 0.005", "0.02"]),
        ({"phases": {255: "active"}}, ["image.phases", "at least two phases"]),
        ({"phases": {0: "binder", 255: "active"}}, ["image.phases.0", "'binder'", "Known:"]),
        ({"phases": {0: "carbon_binder", 200: "active"}}, ["sem.png", "255"]),
        (
            {"phases": None, "threshold": {"method": "otsu", "phases": ["active"]}},
            ["threshold.phases", "2 names"],
        ),
    ],
)
def test_a_slip_in_the_block_of_an_image(capsys, changes, words):
    picture()
    write_image(**changes)
    message = refused(capsys)
    for word in words:
        assert word in message


@pytest.mark.parametrize(
    ("image", "words"),
    [
        ({"mode": "RGB"}, ["colour", "grey"]),
        ({"size": (1, 60)}, ["1 x 60 pixels", "at least"]),
        ({"spots": ()}, ["every pixel is 'carbon_binder'", "segmented"]),
        ({"spots": ((30, 30, 60),)}, ["every pixel is 'active'"]),
        ({"spots": ((30, 30, 0),)}, ["active"]),
    ],
    ids=["colour", "one pixel wide", "no particle", "nothing but particles", "a speck"],
)
def test_an_image_that_cannot_be_used(capsys, image, words):
    picture(**image)
    write_image()
    message = refused(capsys)
    for word in words:
        assert word in message


def test_a_deep_image_with_other_values_than_the_table(capsys):
    Image.fromarray(np.arange(3600, dtype=np.uint16).reshape(60, 60)).save("sem.png")
    write_image()
    assert "sem.png" in refused(capsys)


def test_an_image_of_a_hundred_megapixels(capsys):
    Image.new("1", (10_000, 10_000)).save("sem.png")
    write_image()
    message = refused(capsys)
    assert "100 megapixels" in message
    assert "image.pixel" in message


def test_check_and_run_refuse_an_image_of_which_no_particle_takes_part(capsys):
    """Discs in a binder that carries nothing; the advice is there for images too."""
    picture()
    geometry = {"electrode": {"image": IMAGE}, "separator": {"thickness": "5 um"}}
    materials = {**STARTER["materials"], "carbon_binder": {"preset": "PVDF"}}
    write({**STARTER, "geometry": geometry, "materials": materials})
    for command in ("check", "run"):
        assert main([command, "case.yaml"]) == 2
        message = capsys.readouterr().err
        assert "no particle has a path to the collector" in message
        assert "in an image or a mesh a conducting phase on the lower edge" in message


def checkerboard(side):
    """Save squares of carbon_binder and active that touch in their corners."""
    y, x = np.mgrid[:30, :30] // side
    Image.fromarray((255 * ((x + y) % 2)).astype(np.uint8)).save("sem.png")
    write_image()


def test_a_checkerboard_of_single_pixels_is_refused_in_a_sentence(capsys):
    checkerboard(1)
    message = refused(capsys)
    assert "phase 'active' vanishes" in message
    assert "50 % of the image" in message
    assert "smaller mesh.interface" in message


def test_what_a_checkerboard_cannot_keep_is_said(capsys):
    # corners in which four squares meet belong to one of the two networks or to none
    checkerboard(3)
    assert main(["check", "case.yaml"]) == 0
    said = capsys.readouterr()
    assert "keeps what its pixels conduct" in said.out + said.err


def test_a_part_a_page_and_joined_pixels_of_an_image(capsys):
    picture(size=(120, 60))
    write_image(crop={"left": 0, "top": 0, "width": 60, "height": 60}, scale=2)
    assert main(["check", "case.yaml"]) == 0
    assert "particles  " in capsys.readouterr().out
    write_image(page=2)
    assert "image.page is 2, the file has one page" in refused(capsys)
    write_image(crop={"left": 100, "top": 0, "width": 60, "height": 60})
    assert "image.crop reaches to column 160" in refused(capsys)


# --- meshes


def write_mesh(points, triangles, groups, **changes):
    mesh = meshio.Mesh(
        np.array(points, dtype=float),
        [("triangle", np.array(triangles))],
        cell_data={
            "gmsh:physical": [np.array(groups)],
            "gmsh:geometrical": [np.array(groups)],
        },
        field_data={"Si": np.array([1, 2]), "Sep": np.array([2, 2])},
    )
    meshio.write("my.msh", mesh, file_format="gmsh22", binary=False)
    block = {"file": "my.msh", "unit": "um", "phases": {"Si": "active", "Sep": "separator"}}
    others = {key: value for key, value in STARTER.items() if key != "mesh"}
    write({**others, "geometry": {"mesh": {**block, **changes}}})


SQUARES = [(0, 0, 0), (10, 0, 0), (10, 10, 0), (0, 10, 0), (10, 20, 0), (0, 20, 0)]
TRIANGLES = [(0, 1, 2), (0, 2, 3), (3, 2, 4), (3, 4, 5)]
GROUPS = [1, 1, 2, 2]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"file": "your.msh"}, ["mesh.file", "no such file", "your.msh"]),
        ({"unit": "um"}, ["mesh.unit", "0.01 um x 0.02 um", "Did you mean unit: mm?"]),
        ({"unit": "inch"}, ["mesh.unit", "'inch'", "'um'"]),
        ({"phases": {"Si": "active"}}, ["mesh.phases", "'Sep'"]),
        ({"phases": {"Si": "active", "Sap": "separator"}}, ["mesh.phases", "Did you mean 'Sep'?"]),
        ({"phases": {"Si": "silicon", "Sep": "separator"}}, ["phases.Si", "'silicon'", "Known:"]),
        ({"phases": {"Si": "pore", "Sep": "separator"}}, ["mesh.phases", "active material"]),
        ({"boundaries": {"Cu": "colector"}}, ["boundaries.Cu", "'colector'"]),
    ],
)
def test_a_slip_in_the_block_of_a_mesh(capsys, changes, words):
    scale = 1e-3 if changes.get("unit") == "um" else 1.0
    write_mesh(scale * np.array(SQUARES), TRIANGLES, GROUPS, **changes)
    message = refused(capsys)
    for word in words:
        assert word in message


def test_a_mesh_beside_a_width(capsys):
    write_mesh(SQUARES, TRIANGLES, GROUPS)
    message = refused(capsys, "geometry.width=10 um")
    assert "geometry.width" in message
    assert "the mesh brings the whole section" in message
