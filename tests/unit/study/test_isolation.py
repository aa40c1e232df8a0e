"""If these fail, a part without a path to its electrode makes the matrix singular, or a part with
one is taken out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mesode.errors import GeometryError
from mesode.geometry.arrays import cell_areas
from mesode.materials.pore import OPEN_PORE
from mesode.materials.presets import get_preset
from mesode.study.isolation import isolate
from support.grids import grid_arrays

ACTIVE = get_preset("active", "SiO")
BINDER = get_preset("carbon_binder", "CMC_SBR_SuperP")
DENSE = get_preset("carbon_binder", "PVDF")
SEPARATOR = get_preset("separator", "Celgard_2500")
LAYERS = (("carbon_binder", 2.0), ("separator", 1.0))
PORES = (("pore", 2.0), ("separator", 1.0))


def materials(**others):
    known = {"active": ACTIVE, "carbon_binder": BINDER, "separator": SEPARATOR, "pore": OPEN_PORE}
    return {**known, **others}


def retag(arrays, phase, x0, x1, y0, y1, particle=-1):
    """Return arrays with another phase in a rectangle."""
    middle = arrays.points[arrays.cells].mean(axis=1)
    inside = (middle > (x0, y0)).all(axis=1) & (middle < (x1, y1)).all(axis=1)
    phases = {**arrays.phases}
    phases.setdefault(phase, max(phases.values()) + 1)
    return replace(
        arrays,
        cell_phase=np.where(inside, phases[phase], arrays.cell_phase).astype(np.int32),
        particle=np.where(inside, particle, arrays.particle).astype(np.int32),
        phases=phases,
    )


def area_of(arrays, phase):
    return cell_areas(arrays)[arrays.cell_phase == arrays.phases[phase]].sum()


def test_a_section_with_all_paths_is_left_alone():
    arrays = grid_arrays(4, LAYERS, width=2.0, block=("active", 0.5, 1.5, 0.5, 1.5))
    found = isolate(arrays, materials())
    assert found.warnings == ()
    assert found.phases == {}
    assert found.area == 0.0
    assert np.array_equal(found.arrays.cell_phase, arrays.cell_phase)


def test_a_particle_without_electrons_keeps_only_its_mechanics():
    # one square on the collector, one that floats in the electrolyte
    arrays = grid_arrays(4, PORES, width=2.0, block=("active", 0.0, 0.5, 0.0, 0.5))
    arrays = retag(arrays, "active", 1.0, 1.5, 1.0, 1.5, particle=1)
    found = isolate(arrays, materials())
    assert found.phases == {"active_isolated": ("active", ("lithium", "electronic"))}
    assert area_of(found.arrays, "active_isolated") == pytest.approx(0.25)
    assert area_of(found.arrays, "active") == pytest.approx(0.25)
    assert found.area == pytest.approx(0.25)
    assert found.warnings[0].startswith("particle 1 of 0.25 um^2 has no path")
    assert "0.25 um^2 of 6 um^2 were taken out" in found.warnings[-1]
    assert set(found.arrays.particle.tolist()) == {-1, 0}
    made = found.materials(materials())["active_isolated"]
    assert (made.lithium, made.electronic) == (None, None)
    assert made.mechanical == ACTIVE.mechanical
    assert found.materials(materials())["active"] is ACTIVE


def test_a_closed_pore_is_taken_out():
    arrays = grid_arrays(4, LAYERS, width=2.0, block=("active", 0.5, 1.5, 0.5, 1.5))
    arrays = retag(arrays, "pore", 0.75, 1.25, 0.75, 1.25)  # inside the particle
    found = isolate(arrays, materials())
    assert found.phases == {"pore_isolated": ("pore", ("ionic",))}
    assert area_of(found.arrays, "pore_isolated") == pytest.approx(0.25)
    assert "a region" in found.warnings[0]
    assert "counter" in found.warnings[0]
    assert found.materials(materials())["pore_isolated"].ionic is None


def test_a_dry_particle_conducts_on():
    # the left particle is wrapped in a binder without pores, but touches its neighbour's binder
    arrays = grid_arrays(4, LAYERS, width=4.0, block=("active", 2.5, 3.5, 0.5, 1.5))
    arrays = retag(arrays, "film", 0.0, 2.0, 0.0, 2.0)
    arrays = retag(arrays, "active", 0.5, 1.5, 0.5, 1.5, particle=1)
    film = replace(BINDER, ionic=None)
    found = isolate(arrays, materials(film=film))
    assert found.phases == {"active_without_lithium": ("active", ("lithium",))}
    assert "particle 1 of 1 um^2 touches no electrolyte" in found.warnings[0]
    assert found.materials(materials())["active_without_lithium"].electronic is not None


def test_no_particle_left_is_an_error():
    arrays = grid_arrays(4, PORES, width=2.0, block=("active", 0.5, 1.5, 0.5, 1.5))
    with pytest.raises(
        GeometryError, match=r"no particle has a path to the collector.*matrix"
    ) as e:
        isolate(arrays, materials())
    assert e.value.exit_code == 2


def test_a_binder_without_pores_or_electrons_leaves_no_particle():
    arrays = grid_arrays(4, LAYERS, width=2.0, block=("active", 0.5, 1.5, 0.5, 1.5))
    with pytest.raises(GeometryError, match="path to the collector"):
        isolate(arrays, materials(carbon_binder=DENSE))
    conducting = replace(DENSE, electronic=BINDER.electronic)
    with pytest.raises(GeometryError, match=r"path to electrolyte.*porosity"):
        isolate(arrays, materials(carbon_binder=conducting))


def test_a_section_without_particles_is_an_error():
    with pytest.raises(GeometryError, match="no active material"):
        isolate(grid_arrays(4, LAYERS), materials())
