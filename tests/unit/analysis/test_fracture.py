"""If these fail, a picture shows other particles as breaking than the table has."""

from __future__ import annotations

import numpy as np
import pytest

from mesode.analysis import fracture, style
from mesode.analysis.run_data import open_run

pytestmark = pytest.mark.serial

HEAD = "Test Time / s,Step Count / 1,Area / um2,Energy Release Rate / J.m-2\n"


def test_particles_stand_over_their_diameter_beside_the_toughness(tmp_path):
    (tmp_path / "manifest.json").write_text("{}")
    (tmp_path / "particles.csv").write_text(HEAD + f"9,1,{np.pi},0\n9,2,{np.pi},3\n9,2,4,9\n")
    (tmp_path / "materials.yaml").write_text(
        "active: {properties: {toughness: {value: 7.0, assumed: true}}}\n"
        "binder: {properties: {toughness: {value: 7.0, assumed: false}}}\n"
    )
    with style.house_style():
        (ax,) = fracture.energy_release(open_run(tmp_path)).axes
    points, level = ax.lines[-2:]
    assert points.get_xdata() == pytest.approx([2.0, 2 * np.sqrt(4 / np.pi)])
    assert points.get_ydata().tolist() == [3.0, 9.0]
    assert ax.lines[0].get_xdata().tolist() == []  # at the end of step 1 there is no tension
    assert len(ax.lines) == 3  # one level for both
    assert set(level.get_ydata()) == {7.0}
    assert level.get_label() == "toughness, active (assumed)"
    assert ax.get_xlim()[0] == 0


def test_without_tension_there_is_none(tmp_path):
    (tmp_path / "manifest.json").write_text("{}")
    assert fracture.energy_release(open_run(tmp_path)) is None
    (tmp_path / "particles.csv").write_text(HEAD + "9,1,4,0\n")
    assert fracture.energy_release(open_run(tmp_path)) is None
