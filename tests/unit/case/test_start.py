"""If these fail, a case that begins at a voltage or a state of charge begins somewhere else."""

from __future__ import annotations

from mpi4py import MPI

import pytest

from mesode.case.foresight import rest_between
from mesode.case.meshed import Meshed
from mesode.case.meshing import mesh_case
from mesode.case.plan import make_plan
from mesode.case.prepare import build_cell
from mesode.case.start import settled
from mesode.config.dump import dump_case
from mesode.config.load import parse_case
from mesode.config.protocol_checks import scan_warnings
from mesode.config.resolve import resolve_materials
from mesode.errors import InputError
from support.tiny_case import TINY

pytestmark = pytest.mark.serial
FULL = (
    "geometry.counter={thickness: 4 um, particles: {fraction: 0.25, diameter: 2 um, gap: 0.3 um}, "
    "carbon_binder: {kind: matrix}}",
    "materials.active={preset: graphite}",
    "materials.counter={active: {preset: NMC811}, carbon_binder: {preset: carbon_black}}",
)
BLEND = (
    "materials.active={fine: {preset: silicon}, coarse: {preset: graphite}}",
    "geometry.electrode.particles=[{fraction: 0.1, diameter: 1.4 um, material: fine}, "
    "{fraction: 0.15, diameter: 2 um, material: coarse}]",
    "mesh.interface=0.2 um",
)


def case(*overrides):
    return parse_case(TINY, "", overrides)


def started(capacities, *overrides):
    """Return the case as it begins, and that at rest, for capacities of its hosts."""
    asked = case(*overrides)
    materials = resolve_materials(asked)
    found = settled(asked, materials, capacities)
    return found.initial, rest_between(found, materials, capacities)


@pytest.mark.parametrize("hosts", [{"active": 3.0}, {"fine": 2.0, "coarse": 1.0}])
def test_a_half_cell_begins_at_its_voltage(hosts):
    _, rest = started(hosts, *(BLEND if len(hosts) > 1 else ()), "initial={voltage: 0.25 V}")
    assert rest.voltage() == pytest.approx(0.25, abs=2e-6)
    assert all(0.0 < sto < 1.0 for sto in rest.lithiations().values())


def test_a_full_section_moves_the_lithium_that_it_has():
    initial = "initial={voltage: 3.6 V, counter_lithiation: 0.8}"
    found, rest = started({"active": 1.0, "counter_active": 2.0}, *FULL, initial)
    assert rest.voltage() == pytest.approx(3.6, abs=2e-6)
    held = found.lithiation + 2.0 * found.counter_lithiation
    assert held == pytest.approx(0.02 + 2.0 * 0.8)


def test_a_state_of_charge_is_a_share_of_the_charge_between_two_voltages():
    keys = ("voltage: 0.9 V", "voltage: 0.05 V", "soc: 30 %, window: [0.05 V, 0.9 V]")
    high, low, here = (started({"active": 1.0}, f"initial={{{key}}}")[0].lithiation for key in keys)
    assert here == pytest.approx(low + 0.3 * (high - low), abs=1e-6)


@pytest.mark.slow
def test_the_cell_of_a_run_is_at_rest_at_its_voltage(tmp_path):
    asked = case("initial={voltage: 0.3 V}")
    meshed = mesh_case(asked, tmp_path)
    cell = build_cell(asked, Meshed(arrays=meshed.arrays, report=meshed.report), MPI.COMM_SELF).cell
    cell.reset()
    assert cell.V.number() == pytest.approx(0.3, abs=1e-5)


def test_a_resolved_case_reads_back_as_it_was():
    asked = case("initial={soc: 1, window: [10 mV, 0.9 V]}")
    assert parse_case(dump_case(asked)) == asked


@pytest.mark.parametrize(
    ("initial", "told"),
    [
        ("voltage: 0.2 V, lithiation: 0.3", "initial.lithiation: the voltage or the state"),
        ("voltage: 0.2 V, soc: 0.5, window: [1 V, 2 V]", "either voltage or soc"),
        ("soc: 0.5", "initial.window: required key is missing"),
        ("window: [1 V, 2 V]", "initial.soc: required key is missing"),
        ("soc: 0.5, window: [2 V, 1 V]", "initial.window: expected the lower voltage first"),
        ("soc: 1.5, window: [1 V, 2 V]", "initial.soc"),
    ],
)
def test_a_start_that_is_no_start_is_refused_with_its_key(initial, told):
    with pytest.raises(InputError) as error:
        case(f"initial={{{initial}}}")
    assert told in str(error.value)


def test_a_voltage_that_no_lithiation_has_is_told_with_what_there_is():
    with pytest.raises(InputError, match=r"initial.voltage: with any lithiation .* to 0.99"):
        make_plan(case("initial={voltage: 5 V}"))
    with pytest.raises(InputError, match=r"window\[1\]: with the lithium of both electrodes"):
        started(
            {"active": 1.0, "counter_active": 2.0},
            *FULL,
            "initial={soc: 0.5, window: [2.8 V, 5 V]}",
        )


def test_a_scan_that_goes_beyond_what_is_known_is_warned_of():
    def said(end, *overrides):
        asked = case(f"protocol=[Sweep at 1 mV/s until {end}]", *overrides)
        return list(scan_warnings(asked, resolve_materials(asked)))

    (text,) = said("1.2 V")
    assert "step 1" in text
    assert "scans to 1.2 V, 0.5 V beyond the 0.0593 to 0.699 V" in text
    assert said("0.72 V") == []
    # the branch of delithiation is higher, and the scan up goes along it: at lithiation 1e-3 it is
    # Verbrugge's at 0.0209, 0.9937 - 3.792 s + 16.87 s^2 - 58.8 s^3 = 0.921 V
    hysteresis = "materials.active.hysteresis={model: one_state, initial: -1}"
    assert said("0.95 V", hysteresis) == []
    (text,) = said("1.2 V", hysteresis)
    assert "beyond the 0.0593 to 0.921 V" in text
