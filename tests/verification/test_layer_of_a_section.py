"""If this fails, a layer with the effective properties of a section no longer stands for it."""

from __future__ import annotations

import csv

from mpi4py import MPI

import numpy as np
import pytest
from scipy.interpolate import PchipInterpolator

from mesode.case.execution import run_case
from mesode.config.load import parse_case
from mesode.exchange.effective import effective_cell

pytestmark = [pytest.mark.serial, pytest.mark.slow, pytest.mark.timeout(500)]

SECTION = """
geometry:
  width: 24 um
  electrode:
    thickness: 32 um
    particles: {fraction: 0.5, diameter: 5 um, gap: 0.4 um, seed: 1}
    carbon_binder: {kind: matrix}
  separator: {thickness: 12 um}
mesh: {size: 1 um, interface: 0.25 um}
materials:
  active: {preset: NMC811}
  carbon_binder: {preset: carbon_black, porosity: 0.6}
  electrolyte: {preset: LiPF6_EC_EMC_Nyman}
  separator: {preset: Celgard_2500}
initial: {lithiation: 0.3}
protocol: [Rest for 1 s]
output: {fields: 0, figures: false}
"""
# rms [mV]: 0.30, 1.6 and 7.2 were found; the layer is the one with the larger overpotential
MOST = {"C/5": (600, 0.4), "1C": (120, 2.0), "3C": (40, 9.0)}


def layer():
    """Return the overrides that put a layer of cylinders in the place of the particles."""
    electrode = effective_cell(parse_case(SECTION)).working
    (host,) = electrode.hosts
    keys = (
        f"fraction: {host.fraction!r}, porosity: {electrode.porosity!r}, shape: cylinder, "
        f"diameter: {4e6 * host.fraction / host.surface!r} um, "
        f"macmullin: {electrode.macmullin!r}, sigma: {electrode.sigma!r} S/m"
    )
    return (
        f"geometry.electrode={{thickness: 32 um, layer: {{{keys}}}}}",
        "geometry.width=2 um",
        "mesh={size: 1 um, interface: 1 um}",
        "materials.carbon_binder=null",
    )


def curve(folder, *overrides):
    """Return charge [mAh/g] and voltage [V]."""
    assert run_case(parse_case(SECTION, "", overrides), folder, MPI.COMM_SELF).exit_code == 0
    with (folder / "timeseries.bdf.csv").open() as file:
        rows = list(csv.DictReader(file))
    names = ("Specific Capacity / mA.h.g-1", "Voltage / V")
    Q, V = np.array([[float(row[name]) for row in rows] for name in names])
    forward = np.diff(Q, prepend=-1.0) > 0.0
    return Q[forward], V[forward]


def test_a_layer_differs_from_its_section_by_what_is_stated(tmp_path):
    homogenised = layer()
    for k, (rate, (period, most)) in enumerate(MOST.items()):
        step = f"protocol=['Lithiate at {rate} until lithiation 0.7 ({period} s period)']"
        Q, V = curve(tmp_path / f"section{k}", step)
        found = curve(tmp_path / f"layer{k}", *homogenised, step)
        seen = np.linspace(0.02, 1.0, 50) * Q[-1]
        off = 1e3 * (PchipInterpolator(Q, V)(seen) - PchipInterpolator(*found)(seen))
        assert np.sqrt(np.mean(off**2)) < most
        assert np.mean(off) > 0.0
