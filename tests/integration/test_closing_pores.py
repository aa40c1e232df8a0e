"""If these fail, SiO does not come to full lithiation and back at finite strain: a triangle turns
over where pores close, salt is lost, or the medium in open pores bears what the binder should; or
it does once, and what is left of a cycle stands in the way of the next.
"""

from __future__ import annotations

import numpy as np
import pytest

from support.sio_bridges import taken_through

pytestmark = [pytest.mark.slow, pytest.mark.serial, pytest.mark.timeout(1500)]

STEPS = ("Lithiate at 0.5C until 10 mV", "Delithiate at 0.5C until 1 V")
PORES, OUT = "Pore Volume over Initial / 1", "Electrolyte Squeezed Out / 1"


def cycled(tmp_path, *overrides, times=1):
    """Return the balances and the points of that many cycles."""
    balances, record = taken_through(tmp_path, times * STEPS, *overrides)
    for full, empty in zip(record.ends[::2], record.ends[1::2], strict=True):
        assert full.end["Mean Lithiation / 1"] > 0.9
        assert empty.end["Mean Lithiation / 1"] < 0.03
    return balances, record


def borne(record):
    """Return the mean stress of open pores over that of the binder, at each point."""
    return [
        p.row["Mean von Mises Open Pores / Pa"] / p.row["Mean von Mises Binder / Pa"]
        for p in record.points
        if p.row["Mean von Mises Binder / Pa"] > 1e6
    ]


def test_a_free_electrode_over_three_cycles(tmp_path):
    balances, record = cycled(tmp_path, times=3)
    assert balances["salt"] < 1e-12
    assert balances["lithium"] < 1e-10
    assert balances["work"] < 2e-2
    assert max(borne(record)) < 0.01
    for full in (end.end for end in record.ends[::2]):
        assert 0.0 < full["Min Volume Ratio / 1"] < 0.3
        assert 0.2 < full["Thickness Change / 1"] < 0.4
        assert full["Max von Mises Active / Pa"] < 1.05e9


def test_an_electrode_under_a_lid_that_stays_over_three_cycles(tmp_path):
    balances, record = cycled(tmp_path, "physics.top=fixed", times=3)
    assert balances["salt"] < 1e-12
    assert balances["lithium"] < 1e-10
    assert balances["work"] < 1e-3
    assert max(borne(record)) < 0.01
    ratio = np.array([p.row["Min Volume Ratio / 1"] for p in record.points])
    assert 0.02 < ratio.min() < 0.2
    for full, empty in zip(record.ends[::2], record.ends[1::2], strict=True):
        # what the particles take is missing from the pores, and left the section
        assert full.end[PORES] < 0.5
        assert full.end[OUT] > 0.15
        assert empty.end[OUT] == pytest.approx(0.0, abs=0.02)
    # what the first cycle has pressed flat fits better in the next ones
    thickness = np.array([end.end["Thickness Change / 1"] for end in record.ends])
    assert np.abs(np.diff(thickness[::2])).max() < 2e-3
    assert np.abs(np.diff(thickness[1::2])).max() < 5e-3
