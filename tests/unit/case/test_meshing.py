"""If this fails, a micrograph, an own mesh or a full section is not meshed as its case says."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from mesode.case.meshing import look_for_isolated, mesh_case
from mesode.config.load import parse_case
from mesode.survey.mesh_text import report_lines
from support.plain_case import plain_text

pytestmark = pytest.mark.serial

SAMPLE = Path(__file__).parents[3] / "meshes" / "samples" / "sio_high_noise.png"
STARTER = yaml.safe_load(plain_text("x"))
IMAGE = {
    "electrode": {
        "image": {
            "file": str(SAMPLE),
            "pixel": "0.05 um",
            "phases": {128: "carbon_binder", 255: "active"},
        }
    },
    "separator": {"thickness": "5 um"},
}
PHASES = {name: name for name in ("active", "carbon_binder", "separator")}


def of_image(mesh, **changes):
    """Return a case with changes to the block of its image."""
    image = {**IMAGE["electrode"]["image"], **changes}
    return parse_case(
        {**STARTER, "geometry": {**IMAGE, "electrode": {"image": image}}, "mesh": mesh}
    )


@pytest.fixture(scope="module")
def micrograph(tmp_path_factory):
    """Mesh the sample with a given smoothing: each that is tried takes seconds on all pixels."""
    folder = tmp_path_factory.mktemp("image")
    case = of_image({"size": "1 um", "interface": "0.3 um"}, smooth=1)
    return folder, mesh_case(case, folder), case


def test_a_micrograph_is_meshed_and_its_segmentation_drawn(micrograph):
    folder, meshed, case = micrograph
    assert {path.name for path in folder.iterdir()} == {
        "model.msh", "quality.json", "segmentation.png"
    }  # fmt: skip
    assert set(meshed.arrays.phases) == set(PHASES)
    # What the provenance of the sample states; half a per cent is allowed for the image.
    active = meshed.report["phases"]["active"]["area"]
    assert active == pytest.approx(0.5 * 20 * 12, rel=0.005)
    assert look_for_isolated(case, meshed) == ()


def test_the_smoothing_of_a_micrograph_is_chosen_by_what_its_networks_conduct(tmp_path):
    crop = {"left": 300, "top": 100, "width": 80, "height": 80}
    case = of_image({"size": "1 um", "interface": "0.2 um"}, crop=crop)
    choice = mesh_case(case, tmp_path).report["requested"]["image"]["smoothing"]
    assert choice["kept"]
    assert choice["smooth"] < 1.0  # with that, pores conduct too much here
    assert set(choice["networks"]) == {"electrons", "ions"}
    for found in choice["networks"].values():
        for direction in ("through_plane", "in_plane"):
            assert found[direction]["drawn"] == pytest.approx(found[direction]["pixels"], rel=0.1)


def test_how_sure_the_phases_of_a_grey_image_are_is_printed(tmp_path):
    otsu = {"method": "otsu", "phases": ["carbon_binder", "active"]}
    grey = {"file": str(SAMPLE.with_name("sio_grey.png")), "pixel": "0.0625 um", "phases": None}
    case = of_image({"size": "2 um", "interface": "0.6 um"}, **grey, threshold=otsu, smooth=1)
    report = mesh_case(case, tmp_path).report
    lines = report_lines(report)
    first = next(k for k, line in enumerate(lines) if line.startswith("phases of the image"))
    rows = [line.split() for line in lines[first + 1 : first + 3]]
    assert [row[0] for row in rows] == ["carbon_binder", "active"]
    # the sample: grey values 90 and 170 under noise of 14, half of it active
    assert float(rows[1][1]) == pytest.approx(0.5, rel=0.02)
    assert [float(row[3]) for row in rows] == pytest.approx([90, 170], abs=4)
    assert rows[0][4] == "–"
    assert float(rows[1][4]) == pytest.approx(80 / 14, rel=0.15)


def test_a_mesh_of_the_users_is_taken_as_it_is(micrograph, tmp_path):
    source, meshed, _ = micrograph
    others = {key: value for key, value in STARTER.items() if key != "mesh"}
    mesh = {"file": str(source / "model.msh"), "unit": "um", "phases": PHASES}
    again = mesh_case(parse_case({**others, "geometry": {"mesh": mesh}}), tmp_path)
    assert (tmp_path / "model.msh").read_bytes() == (source / "model.msh").read_bytes()
    mesh["file"] = str(tmp_path / "model.msh")  # into the folder that it comes from
    mesh_case(parse_case({**others, "geometry": {"mesh": mesh}}), tmp_path)
    assert (tmp_path / "model.msh").read_bytes() == (source / "model.msh").read_bytes()
    assert len(again.arrays.cells) == len(meshed.arrays.cells)
    for name in PHASES:
        areas = [found.report["phases"][name]["area"] for found in (again, meshed)]
        assert areas[0] == pytest.approx(areas[1], rel=1e-9)


def test_that_nothing_reaches_the_collector_is_told_and_no_error(tmp_path):
    bare = ["geometry.width=8 um", "geometry.electrode.carbon_binder.kind=none"]
    case = parse_case(STARTER, overrides=bare)
    (said,) = look_for_isolated(case, mesh_case(case, tmp_path))
    assert "a run will refuse this section: no particle has a path to the collector" in said
