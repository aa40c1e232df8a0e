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
from mesode.materials.properties import Material
from mesode.survey.isolation import isolate
from mesode.survey.paths import find_paths, lost_shares, suggestion
from support.grids import grid_arrays, retag

ACTIVE = get_preset("active", "SiO")
BINDER = get_preset("carbon_binder", "CMC_SBR_SuperP")
DENSE = get_preset("carbon_binder", "PVDF")
SEPARATOR = get_preset("separator", "Celgard_2500")
LAYERS = (("carbon_binder", 2.0), ("separator", 1.0))
PORES = (("pore", 2.0), ("separator", 1.0))


def materials(**others):
    known = {"active": ACTIVE, "carbon_binder": BINDER, "separator": SEPARATOR, "pore": OPEN_PORE}
    return {**known, **others}


def area_of(arrays, phase):
    return cell_areas(arrays)[arrays.cell_phase == arrays.phases[phase]].sum()


def test_a_section_with_all_paths_is_left_alone():
    arrays = grid_arrays(4, LAYERS, width=2.0, block=("active", 0.5, 1.5, 0.5, 1.5))
    found = isolate(arrays, materials())
    assert found.warnings == ()
    assert found.phases == {}
    assert found.area == 0.0
    assert np.array_equal(found.arrays.cell_phase, arrays.cell_phase)


def test_a_particle_without_electrons_takes_no_part():
    # one square on the collector, one that floats in the electrolyte
    arrays = grid_arrays(4, PORES, width=2.0, block=("active", 0.0, 0.5, 0.0, 0.5))
    arrays = retag(arrays, "active", (1.0, 1.5, 1.0, 1.5), particle=1)
    found = isolate(arrays, materials())
    assert found.phases == {
        "active_isolated_loose": ("active", ("lithium", "electronic", "mechanical"))
    }
    assert area_of(found.arrays, "active_isolated_loose") == pytest.approx(0.25)
    assert area_of(found.arrays, "active") == pytest.approx(0.25)
    assert found.area == pytest.approx(0.25)
    assert found.warnings[0].startswith(
        "particle 1 of 0.25 um^2, 50 % of what is active, has no path"
    )
    assert "0.25 um^2 of 6 um^2 were taken out" in found.warnings[1]
    assert "50 % of what carries electrons" in found.warnings[2]
    assert "geometry.third_dimension" in found.warnings[2]
    assert set(found.arrays.particle.tolist()) == {-1, 0}
    made = found.materials(materials())["active_isolated_loose"]
    assert (made.lithium, made.electronic) == (None, None)
    assert made.mechanical is None  # it floats in the electrolyte
    assert found.materials(materials())["active"] is ACTIVE


def test_a_phase_that_is_cut_off_as_a_whole_is_none_of_the_section_any_more():
    # a strip of its own binder, above an open pore: no sub-mesh of it is to be asked for
    layers = (("active", 1.0), ("pore", 0.5), ("strip", 0.5), ("pore", 0.5), ("separator", 1.0))
    found = isolate(grid_arrays(4, layers), materials(strip=BINDER), mechanics=False)
    assert found.phases == {"strip_without_electronic": ("strip", ("electronic",))}
    assert set(found.arrays.phases) == {"active", "pore", "separator", "strip_without_electronic"}
    assert area_of(found.arrays, "strip_without_electronic") == pytest.approx(0.5)


def test_many_lost_parts_are_one_line_of_each_kind():
    # a square on the collector, 24 in the electrolyte, two closed pores in the first
    arrays = grid_arrays(8, PORES, width=8.0, block=("active", 0.0, 1.5, 0.0, 1.0))
    for number in range(1, 25):
        x, y = 0.5 * ((number - 1) % 12) + 0.25 * (number > 12) + 2.0, 0.5 + 0.75 * (number > 12)
        arrays = retag(arrays, "active", (x, x + 0.25, y, y + 0.25 + 0.125 * (number == 3)), number)
    for x in (0.5, 1.0):
        arrays = retag(arrays, "pore", (x, x + 0.25, 0.5, 0.75))
    found = isolate(arrays, materials())
    lost = 24 / 16 + 1 / 32
    electrons, ions, total, advice = found.warnings
    assert electrons.startswith(
        f"24 parts of {lost:.4g} um^2 in all, {100 * lost / (lost + 1.375):.3g} % of what is active"
    )
    assert electrons.endswith("the largest is particle 3 of 0.09375 um^2")
    assert ions.startswith("2 parts of 0.125 um^2 in all, ")
    assert f"{lost + 0.125:.4g} um^2 of 24 um^2 were taken out" in total
    assert f"{100 * lost / (lost + 1.375):.3g} % of what carries electrons in" in advice
    paths = find_paths(arrays, materials(), third=False)
    shares = lost_shares(arrays, paths)["electrode"]
    assert shares == pytest.approx(
        {
            "electrons": lost / (lost + 1.375),
            "ions": 0.125 / (16 - lost - 1.375),
            "active material": lost / (lost + 1.375),
        }
    )


def test_a_closed_pore_is_taken_out():
    arrays = grid_arrays(4, LAYERS, width=2.0, block=("active", 0.5, 1.5, 0.5, 1.5))
    arrays = retag(arrays, "pore", (0.75, 1.25, 0.75, 1.25))  # inside the particle
    found = isolate(arrays, materials())
    assert found.phases == {"pore_isolated": ("pore", ("ionic",))}
    assert area_of(found.arrays, "pore_isolated") == pytest.approx(0.25)
    assert "a region" in found.warnings[0]
    assert "counter" in found.warnings[0]
    assert found.materials(materials())["pore_isolated"].ionic is None


def test_a_dry_particle_conducts_on():
    # the left particle is wrapped in a binder without pores, but touches its neighbour's binder
    arrays = grid_arrays(4, LAYERS, width=4.0, block=("active", 2.5, 3.5, 0.5, 1.5))
    arrays = retag(arrays, "film", (0.0, 2.0, 0.0, 2.0))
    arrays = retag(arrays, "active", (0.5, 1.5, 0.5, 1.5), particle=1)
    film = replace(BINDER, ionic=None)
    found = isolate(arrays, materials(film=film))
    assert found.phases == {"active_without_lithium": ("active", ("lithium",))}
    assert (
        "particle 1 of 1 um^2, 50 % of the active material, touches no electrolyte"
        in found.warnings[0]
    )
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


FOIL = get_preset("foil", "copper")
NOTHING = Material(name="void", description="", density=0.0)
CORE = replace(ACTIVE, name="core")


def core_and_shell():
    """A square shell of the host around a void with a core in it, all of particle 0."""
    arrays = grid_arrays(4, LAYERS, width=2.0, block=("active", 0.25, 1.75, 0.25, 1.75))
    arrays = retag(arrays, "void", (0.5, 1.5, 0.5, 1.5))
    return retag(arrays, "core", (0.75, 1.25, 0.75, 1.25), particle=0)


def test_a_core_is_reached_through_its_shell():
    arrays = retag(core_and_shell(), "core", (0.5, 1.5, 0.5, 1.5), particle=0)
    found = isolate(arrays, materials(core=CORE, void=NOTHING))
    assert (found.warnings, dict(found.phases)) == ((), {})


def test_a_yolk_needs_a_contact_with_its_shell():
    loose = isolate(core_and_shell(), materials(core=CORE, void=NOTHING))
    assert loose.phases == {
        "core_isolated_loose": ("core", ("lithium", "electronic", "mechanical"))
    }
    assert loose.warnings[0].startswith("particle 0 of 0.25 um^2, ")
    # the shell keeps its number, the void is not a loss
    assert area_of(loose.arrays, "void") == pytest.approx(0.75)
    shell = loose.arrays.cell_phase == loose.arrays.phases["active"]
    assert set(loose.arrays.particle[shell].tolist()) == {0}
    touching = retag(core_and_shell(), "core", (0.5, 0.75, 0.75, 1.25), particle=0)
    assert isolate(touching, materials(core=CORE, void=NOTHING)).phases == {}


def test_a_dry_particle_is_reached_through_its_neighbour():
    # two particles in a dense film; the right one touches the pores and the left one
    arrays = grid_arrays(4, LAYERS, width=4.0, block=("active", 1.0, 3.0, 0.5, 1.5))
    arrays = retag(arrays, "film", (0.0, 2.0, 0.0, 2.0))
    arrays = retag(arrays, "active", (1.0, 2.0, 0.5, 1.5), particle=1)
    film = replace(BINDER, ionic=None)
    assert isolate(arrays, materials(film=film)).warnings == ()


def test_a_foil_carries_the_electrons_to_the_collector():
    layers = (("collector", 0.5), ("pore", 2.0), ("separator", 1.0))
    on_foil = grid_arrays(4, layers, width=2.0, block=("active", 0.5, 1.5, 0.5, 1.5))
    assert isolate(on_foil, materials(collector=FOIL)).warnings == ()
    above = grid_arrays(4, layers, width=2.0, block=("active", 0.5, 1.5, 0.75, 1.5))
    with pytest.raises(GeometryError, match="no particle has a path to the collector"):
        isolate(above, materials(collector=FOIL))


def full_arrays():
    """A working electrode, a separator and a counter electrode with a particle each."""
    layers = (("carbon_binder", 2.0), ("separator", 1.0), ("counter_binder", 2.0))
    arrays = grid_arrays(4, layers, width=2.0, block=("active", 0.5, 1.5, 0.5, 1.5))
    arrays = retag(arrays, "counter_active", (0.5, 1.5, 3.5, 4.5), particle=1)
    number = max(arrays.boundaries.values()) + 1
    line = (arrays.points[arrays.facets][:, :, 1] == 3.0).all(axis=1)
    return replace(
        arrays,
        facet_tag=np.where(line, number, arrays.facet_tag).astype(np.int32),
        boundaries={**arrays.boundaries, "counter_top": number},
    )


def test_each_electrode_of_a_full_section_has_its_collector():
    counter = {"counter_active": ACTIVE, "counter_binder": BINDER}
    assert isolate(full_arrays(), materials(**counter)).warnings == ()
    dense = {**counter, "counter_binder": replace(BINDER, electronic=None)}
    with pytest.raises(GeometryError, match=r"counter_active to counter.*To fix this"):
        isolate(full_arrays(), materials(**dense))


def test_a_particle_in_an_insulating_binder_is_still_held():
    arrays = grid_arrays(4, LAYERS, width=4.0, block=("active", 2.5, 3.5, 0.5, 1.5))
    arrays = retag(arrays, "film", (0.0, 2.0, 0.0, 2.0))
    arrays = retag(arrays, "active", (0.5, 1.5, 0.5, 1.5), particle=1)
    found = isolate(arrays, materials(film=replace(BINDER, electronic=None)))
    assert found.phases == {"active_isolated": ("active", ("lithium", "electronic"))}
    made = found.materials(materials())["active_isolated"]
    assert made.mechanical == ACTIVE.mechanical


def test_a_cluster_of_binder_that_floats_is_told():
    arrays = grid_arrays(4, PORES, width=2.0, block=("active", 0.0, 0.5, 0.0, 0.5))
    arrays = retag(arrays, "film", (1.0, 1.5, 1.0, 1.5))
    found = isolate(arrays, materials(film=replace(DENSE, electronic=None)))
    assert found.phases == {"film_loose": ("film", ("mechanical",))}
    assert found.warnings[0].startswith("solids of 0.25 um^2 are joined to no collector")
    assert set(found.arrays.particle.tolist()) == {-1, 0}


def cut_apart():
    """A square on the collector, one in the electrolyte with a closed pore in it."""
    arrays = grid_arrays(4, PORES, width=4.0, block=("active", 0.0, 0.5, 0.0, 0.5))
    arrays = retag(arrays, "active", (1.0, 3.0, 0.5, 1.5), particle=1)
    return retag(arrays, "pore", (1.5, 2.0, 0.75, 1.25))


def test_with_the_third_dimension_what_is_cut_off_takes_part():
    arrays = cut_apart()
    found = isolate(arrays, materials(), third=True, mechanics=False)
    assert found.phases == {}
    assert np.array_equal(found.arrays.cell_phase, arrays.cell_phase)
    assert found.area == 0.0
    electrons = cell_areas(arrays)[found.paths.hanging_electrons].sum()
    ions = cell_areas(arrays)[found.paths.hanging_ions].sum()
    assert (electrons, ions) == pytest.approx((1.75, 0.25))
    assert [text.split("; ")[-1].split(" ")[0] for text in found.warnings] == [
        "geometry.third_dimension",
        "geometry.third_dimension",
    ]
    shares = lost_shares(arrays, found.paths)["electrode"]
    assert shares["electrons"] == pytest.approx(1.75 / 2.0)
    assert shares["active material"] == 0.0


def test_in_mechanics_a_solid_that_floats_floats_on():
    found = isolate(cut_apart(), materials(), third=True)
    assert found.phases == {"active_loose": ("active", ("mechanical",))}
    made = found.materials(materials())["active_loose"]
    assert made.lithium == ACTIVE.lithium


def test_a_particle_that_touches_no_electrolyte_at_all_stays_out():
    arrays = grid_arrays(4, LAYERS, width=4.0, block=("active", 2.5, 3.5, 0.5, 1.5))
    arrays = retag(arrays, "film", (0.0, 2.0, 0.0, 2.0))
    arrays = retag(arrays, "active", (0.5, 1.5, 0.5, 1.5), particle=1)
    film = replace(BINDER, ionic=None, electronic=None)
    found = isolate(arrays, materials(film=film), third=True)
    assert found.phases == {"active_without_lithium": ("active", ("lithium",))}
    assert found.area == pytest.approx(1.0)


def test_little_that_is_cut_off_is_not_worth_advice():
    shares = {"electrode": {"electrons": 0.04, "ions": 0.0, "active material": 0.9}}
    assert suggestion(shares) == []
    shares["electrode"]["ions"] = 0.051
    (advice,) = suggestion(shares)
    assert advice.startswith("5.1 % of what carries ions in the electrode is cut off")
