"""If this fails, a micrograph, an own mesh or a full section is not meshed as its case says."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from mesode.case.meshing import look_for_isolated, mesh_case
from mesode.config.load import parse_case
from mesode.config.starter import starter_text

pytestmark = pytest.mark.serial

SAMPLE = Path(__file__).parents[3] / "meshes" / "samples" / "sio_high_noise.png"
STARTER = yaml.safe_load(starter_text("x"))
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


@pytest.fixture(scope="module")
def micrograph(tmp_path_factory):
    folder = tmp_path_factory.mktemp("image")
    case = parse_case(
        {**STARTER, "geometry": IMAGE, "mesh": {"size": "1 um", "interface": "0.3 um"}}
    )
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
