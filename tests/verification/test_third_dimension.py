"""If these fail, a section that a plane has cut apart is another electrode than the same in one
piece, or loses charge, lithium or salt to what lies behind it."""

from __future__ import annotations

import numpy as np
import pytest

from mesode.model.diagnostics import Diagnostics
from mesode.model.processes.third_dimension import Behind
from mesode.survey.isolation import isolate
from support.cut_sections import behind, columns
from support.grids import retag
from support.protocols import run
from support.small_cell import full_arrays, full_cell, small_cell

SIGMA = 0.3  # [S/m] of the binder, low: electrons lose as much voltage as ions
CONDUCTIVITY = {"carbon_binder": SIGMA, "active": 10.0 * 1.3}  # of the host at lithiation 0.3
# Pieces conduct beside the backbone, which takes resistance away where they are longer than the
# way out of the plane, and the cuts take a tenth of the pores: in parts of the loss of voltage.
TOLERANCE = {"right": 0.03, "both": 0.05}


def discharged(cell):
    """Return charge and loss of voltage of a discharge, and the balances."""
    diagnostics = Diagnostics(cell)
    result, record = run(
        cell, "Lithiate at 1.5 C until 0.3 V", diagnostics=diagnostics, tolerance=1e-4
    )
    assert "voltage" in record.ends[-1].reason, result
    names = ("Specific Capacity / mA.h.g-1", "Voltage / V", "Open-Circuit Voltage / V")
    charge, voltage, at_rest = (np.array(record.column(name, 1)) for name in names)
    return (charge, at_rest - voltage), diagnostics.balances()


@pytest.fixture(scope="module")
def whole():
    cell = small_cell(arrays=columns(cut=""), sigma=SIGMA)
    return cell, discharged(cell)[0]


def in_pieces(whole, cut, **options):
    arrays, materials = columns(cut=cut), whole.materials.phases
    numbers = behind(columns(cut=""), arrays, materials, CONDUCTIVITY, **options)
    return small_cell(arrays=arrays, sigma=SIGMA, behind={"": numbers})


@pytest.mark.parametrize("cut", ["right", "both"])
def test_a_section_in_pieces_agrees_with_the_same_in_one(whole, cut):
    reference, (charge, loss) = whole
    cell = in_pieces(reference, cut)
    (found_charge, found_loss), balances = discharged(cell)
    assert cell.charge_capacity == pytest.approx(reference.charge_capacity)
    assert found_charge[-1] == pytest.approx(charge[-1], rel=0.005)
    at = np.linspace(0.1, 0.9, 9) * charge[-1]
    expected = np.interp(at, charge, loss)
    assert expected.min() > 0.035
    assert np.interp(at, found_charge, found_loss) == pytest.approx(expected, rel=TOLERANCE[cut])
    assert balances["lithium"] < 1e-6
    assert max(balances["charge"], balances["salt"]) < 1e-8


def test_without_a_path_behind_it_the_same_section_is_another(whole):
    reference, _ = whole
    arrays = columns(cut="right")
    lost = isolate(arrays, reference.materials.phases)
    assert lost.area > 0.3 * 280.0
    assert "geometry.third_dimension" in lost.warnings[-1]


def test_each_electrode_of_a_full_section_has_its_own():
    # both electrodes end above their collector, the pores of the first below the separator
    arrays = full_arrays(4)
    for name, y in (("void", 0.0), ("void", 1.75), ("counter_void", 4.75)):
        arrays = retag(arrays, name, (0.0, 2.0, y, y + 0.25))
    one = {"length": 1e-6, "sigma": 10.0, "macmullin": 4.0, "electrons": 1.0, "touching": 0.9}
    numbers = {"": Behind(**one, ions=1.0), "counter_": Behind(**one, ions=0.0)}
    ends = []
    for cell in (full_cell(n=4), full_cell(arrays=arrays, behind=numbers)):
        diagnostics = Diagnostics(cell)
        run(cell, "Discharge at 1 C until 3.2 V", diagnostics=diagnostics)
        ends.append(diagnostics.row())
        balances = diagnostics.balances()
        assert balances["lithium"] < 1e-6
        assert max(balances["charge"], balances["salt"]) < 1e-8
    assert [unknown.key for unknown in cell.unknowns[-3:]] == ["phi_b", "c_b", "phi_eb"]
    whole_cell, cut = ends
    for name in ("Specific Capacity / mA.h.g-1", "Mean Lithiation Counter / 1"):
        assert cut[name] == pytest.approx(whole_cell[name], rel=0.01), name
