"""If this fails, `mesode check` promises another size than the mesh of a ragged micrograph has."""

from __future__ import annotations

import numpy as np
import pytest
import yaml
from PIL import Image
from scipy.ndimage import gaussian_filter

from mesode.case.case_section import build_case_section
from mesode.case.meshing import mesh_case
from mesode.case.size_estimate import cells_by_phase
from mesode.config.load import parse_case
from support.plain_case import plain_text


@pytest.mark.serial
def test_lines_shorter_than_asked_for_count(tmp_path):
    """Grains of some pixels, whose outlines are divided finer than ``interface``."""
    noise = gaussian_filter(np.random.default_rng(3).normal(size=(70, 70)), 2.5, mode="wrap")
    Image.fromarray(np.where(noise > 0, 255, 128).astype(np.uint8)).save(tmp_path / "a.png")
    image = {
        "file": str(tmp_path / "a.png"),
        "pixel": "0.1 um",
        "phases": {128: "carbon_binder", 255: "active"},
        "smooth": 0,
    }
    case = parse_case({
        **yaml.safe_load(plain_text("x")),
        "geometry": {"electrode": {"image": image}, "separator": {"thickness": "2 um"}},
        "mesh": {"size": "1 um", "interface": "0.3 um"},
    })  # fmt: skip
    section = build_case_section(case).section
    counted = len(mesh_case(case, tmp_path).arrays.cells)
    assert sum(cells_by_phase(section, 1.0, 0.3).values()) == pytest.approx(counted, rel=0.08)
