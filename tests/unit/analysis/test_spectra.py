"""If these fail, a figure of an impedance shows another one than was measured."""

from __future__ import annotations

import numpy as np
import pytest

from mesode.analysis import spectra
from mesode.analysis.run_data import Run
from mesode.columns import (
    FREQUENCY,
    IMPEDANCE,
    IMPEDANCE_PARTS,
    STEP,
    TIME,
    VOLTAGE,
    of_part,
)
from mesode.physics.heat import Carrier

R_S, R, C = 1e-4, 2e-3, 5.0  # [ohm m^2], [F/m^2]
FREQUENCIES = np.logspace(4, -2, 61)
NAMES = (TIME, STEP, FREQUENCY, *IMPEDANCE.values(), VOLTAGE)


@pytest.fixture
def run(tmp_path):
    """An RC element in steps 2 and 5, with twice the resistance in the second."""
    lines = [",".join(NAMES)]
    for step, factor in ((2, 1.0), (5, 2.0)):
        for f in FREQUENCIES:
            Z = R_S + factor * R / (1 + 2j * np.pi * f * factor * R * C)
            row = (0.0, step, f, Z.real, Z.imag, 0.5 - 0.05 * step)
            lines.append(",".join(repr(float(v)) for v in row))
    (tmp_path / "impedance.csv").write_text("\n".join(lines) + "\n")
    return Run(tmp_path, {}, {"title": "RC"}, {})


def test_spectra_are_told_apart_by_their_step(run):
    first, second = spectra.spectra(run)
    assert (first.name, second.name) == ("step 2, 0.4 V", "step 5, 0.25 V")
    assert second.Z[-1].real == pytest.approx(1e4 * (R_S + 2 * R), rel=1e-2)
    assert first.f[first.decades] == pytest.approx(10.0 ** np.arange(4, -3, -1))


def test_nyquist_of_an_RC_element_is_half_a_circle(run):
    figure = spectra.nyquist(run)
    (ax,) = figure.axes
    for line, radius in zip(ax.lines[::2], (0.5 * R, R), strict=True):
        x, y = line.get_xdata() / 1e4 - R_S - radius, line.get_ydata() / 1e4
        assert np.hypot(x, y) == pytest.approx(radius, rel=1e-9)
        assert (y > 0.0).all()
    assert ax.get_aspect() == 1.0
    assert [text.get_text() for text in ax.get_legend().get_texts()] == [
        "step 2, 0.4 V", "step 5, 0.25 V"
    ]  # fmt: skip


def test_bode_shows_magnitude_and_phase(run):
    figure = spectra.bode(run)
    above, below = figure.axes
    assert above.lines[0].get_ydata()[-1] == pytest.approx(1e4 * (R_S + R), rel=1e-2)
    assert (above.get_xscale(), above.get_yscale(), below.get_yscale()) == ("log", "log", "linear")
    lowest = np.rad2deg(np.arcsin(-R / (R + 2 * R_S)))  # the tangent to the circle
    assert below.lines[0].get_ydata().min() == pytest.approx(lowest, abs=0.1)


def test_shares_lie_on_top_of_each_other_up_to_the_real_part(run):
    path = run.path / "impedance.csv"
    header, *rows = path.read_text().splitlines()
    names = [of_part(IMPEDANCE["real"], part) for part in ("Ions", "Metal", "Charge Transfer")]
    lines = [",".join([header, *names])]
    for row in rows:
        real = float(row.split(",")[3])
        known = row.split(",")[1] == "2.0"  # the second state is not at rest
        lines.append(f"{row},{R_S},0.0,{real - R_S}" if known else f"{row},,,")
    path.write_text("\n".join(lines) + "\n")
    (ax,) = spectra.shares(run).axes
    assert ax.get_title() == "step 2, 0.4 V"
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["Charge Transfer", "Ions"]
    highest = max(path.vertices[:, 1].max() for c in ax.collections for path in c.get_paths())
    assert highest == pytest.approx(1e4 * (R_S + R), rel=1e-2)


def test_parts_have_the_names_of_what_loses_them():
    assert set(IMPEDANCE_PARTS) == set(Carrier)


def test_a_run_without_spectra_has_no_figure(tmp_path):
    run = Run(tmp_path, {}, {}, {})
    assert spectra.nyquist(run) is None
    assert spectra.bode(run) is None
    assert spectra.shares(run) is None
