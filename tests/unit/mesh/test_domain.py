"""If these fail, phases, interfaces or boundaries are not where the section has them.

An interface term would then miss facets, act from the wrong side, or act on another line; in
parallel, facets between ranks would vanish without a message.
"""

from __future__ import annotations

from mpi4py import MPI

import numpy as np
import pytest
import ufl
from dolfinx import fem

from mesode.errors import MeshError
from mesode.mesh.domain import build_domain
from support.grids import grid, grid_arrays
from support.small_cell import coated_arrays

pytestmark = pytest.mark.mpi

UM = 1e-6
LAYERS = (("carbon_binder", 1.0), ("separator", 0.5))
BLOCK = ("active", 0.25, 0.75, 0.25, 0.75)
PORES = ("carbon_binder", "separator")
ELECTRODE = ("active", "carbon_binder")


@pytest.fixture(scope="module")
def domain():
    return grid(8, LAYERS, block=BLOCK)


def integral(domain, form, maps=()):
    value = fem.assemble_scalar(fem.form(form, entity_maps=list(maps)))
    return domain.comm.allreduce(value, op=MPI.SUM)


def one(domain):
    return fem.Constant(domain.mesh, 1.0)


def test_measures_of_one_kind_meet_in_a_form(domain):
    inner = [domain.dS(("active",), PORES), domain.dS(("carbon_binder",), ("separator",))]
    outer = [domain.ds("collector", ELECTRODE), domain.ds("left", ELECTRODE)]
    for measures in (inner, outer):
        alone = sum(integral(domain, one(domain) * measure) for measure in measures)
        together = integral(domain, sum(one(domain) * measure for measure in measures))
        assert together == pytest.approx(alone)


def owned(domain, entities):
    return domain.comm.allreduce(len(entities))


@pytest.mark.parametrize(
    ("phase", "area"), [("active", 0.25), ("carbon_binder", 0.75), ("separator", 0.5)]
)
def test_area_of_each_phase(domain, phase, area):
    found = integral(domain, one(domain) * domain.dx(domain.phases[phase]))
    assert found == pytest.approx(area * UM**2, rel=1e-12, abs=0)


@pytest.mark.parametrize(
    ("plus", "minus", "length"),
    [
        (["active"], ["carbon_binder"], 2.0),
        (["carbon_binder"], ["separator"], 1.0),
        (["active"], ["separator"], 0.0),
        (["active"], ["electrolyte"], 0.0),
        (ELECTRODE, ["separator"], 1.0),
    ],
)
def test_length_of_each_interface(domain, plus, minus, length):
    assert integral(domain, one(domain) * domain.dS(plus, minus)) == pytest.approx(
        length * UM, rel=1e-12
    )


@pytest.mark.parametrize("turned", [False, True])
def test_plus_is_the_first_set(domain, turned):
    space = fem.functionspace(domain.mesh, ("DG", 0))
    tag = fem.Function(space)
    tag.x.array[:] = domain.cell_tag
    sides = (["active"], ["carbon_binder"])
    first, second = sides[::-1] if turned else sides
    dS = domain.dS(first, second)
    a, b = domain.phases[first[0]], domain.phases[second[0]]
    assert integral(domain, (tag("+") - a) ** 2 * dS) == 0.0
    assert integral(domain, (tag("-") - b) ** 2 * dS) == 0.0
    assert integral(domain, tag("+") * dS) == pytest.approx(a * 2 * UM, rel=1e-12, abs=0)


def test_normal_of_plus_points_to_minus(domain):
    # outward of the square particle: its flux of the place vector is twice its area
    x, n = ufl.SpatialCoordinate(domain.mesh), ufl.FacetNormal(domain.mesh)
    flux = integral(domain, ufl.dot(x, n)("+") * domain.dS(["active"], PORES))
    assert flux == pytest.approx(2 * 0.25 * UM**2, rel=1e-9, abs=0)


def test_outer_boundaries(domain):
    for name, phases, length in (
        ("collector", ["carbon_binder"], 1.0),
        ("collector", ["separator"], 0.0),
        ("counter", ["separator"], 1.0),
        ("left", PORES, 1.5),
        ("left", ["separator"], 0.5),
        ("right", ELECTRODE, 1.0),
    ):
        found = integral(domain, one(domain) * domain.ds(name, phases))
        assert found == pytest.approx(length * UM, rel=1e-12, abs=0), (name, phases)


@pytest.mark.parametrize(("phases", "normal"), [(ELECTRODE, 1.0), (["separator"], -1.0)])
def test_inner_line_is_seen_from_its_phases(domain, phases, normal):
    n = ufl.FacetNormal(domain.mesh)
    found = integral(domain, n[1] * domain.ds("top", phases))
    assert found == pytest.approx(normal * UM, rel=1e-12, abs=0)


def test_inner_line_between_other_phases_is_empty(domain):
    assert owned(domain, domain.side("top", ["active"])) == 0


def test_each_facet_is_owned_once(domain):
    assert owned(domain, domain.interface(["active"], PORES)) == 4 * 16
    assert owned(domain, domain.side("top", ELECTRODE)) == 2 * 8


def test_particles_are_numbered_in_the_active_phase(domain):
    active = domain.cell_tag == domain.phases["active"]
    assert np.all((domain.particle == 0) == active)
    assert np.all((domain.particle == -1) == ~active)


def test_cells_keep_their_tags_when_distributed(domain):
    middle = ufl.SpatialCoordinate(domain.mesh)
    inside = integral(domain, middle[1] * domain.dx(domain.phases["active"]))
    assert inside == pytest.approx(0.5 * 0.25 * UM**3, rel=1e-12, abs=0)


def test_subdomain_is_the_union_of_its_phases(domain):
    part = domain.subdomain(ELECTRODE)
    assert part.phases == ELECTRODE
    assert np.all(np.isin(domain.cell_tag[part.cells], domain.tags(ELECTRODE)))
    assert part.mesh.topology.index_map(2).size_global == 2 * 64
    here = fem.assemble_scalar(fem.form(fem.Constant(part.mesh, 1.0) * ufl.dx))
    assert domain.comm.allreduce(here) == pytest.approx(UM**2, rel=1e-12, abs=0)


def test_cells_of_the_subdomain_map_to_the_parent(domain):
    part = domain.subdomain(["active"])
    field = fem.Function(fem.functionspace(part.mesh, ("Lagrange", 1)))
    field.interpolate(lambda x: x[0] / UM)
    x = ufl.SpatialCoordinate(domain.mesh)[0] / UM
    form = (field - x) ** 2 * domain.dx(domain.phases["active"])
    assert integral(domain, form, [part.entity_map]) < 1e-20 * UM**2


def test_subdomain_without_cells_is_refused(domain):
    with pytest.raises(MeshError, match="electrolyte"):
        domain.subdomain(["electrolyte"])


def test_ranks_without_a_phase_take_part():
    # two triangles of a phase: on more ranks some have none of its cells, all build and integrate
    domain = grid(4, LAYERS, block=("active", 0.0, 0.25, 0.0, 0.25))
    part = domain.subdomain(["active"])
    assert part.mesh.topology.index_map(2).size_global == 2
    form = one(domain) * domain.dS(["active"], ["carbon_binder"])
    assert integral(domain, form) == pytest.approx(0.5 * UM, rel=1e-12, abs=0)
    assert domain.n_cells == 4 * 6 * 2


def test_mesh_is_in_metres():
    domain = build_domain(MPI.COMM_SELF, grid_arrays(2))
    assert domain.mesh.geometry.x.max() == pytest.approx(UM, rel=1e-12, abs=0)


def test_rank_zero_must_hold_the_mesh():
    with pytest.raises(MeshError, match="rank 0"):
        build_domain(MPI.COMM_SELF, None)


def test_an_interface_is_cut_by_an_internal_line():
    arrays = coated_arrays(4, share=0.25) if MPI.COMM_WORLD.rank == 0 else None
    domain = build_domain(MPI.COMM_WORLD, arrays)
    sides = (("active",), ("carbon_binder",))
    on = integral(domain, one(domain) * domain.dS(*sides, on="coating"))
    off = integral(domain, one(domain) * domain.dS(*sides, off="coating"))
    assert (on, off) == pytest.approx((1.5 * UM, 2.5 * UM), rel=1e-12, abs=0)
    assert owned(domain, domain.interface(*sides, on="no such line")) == 0
    everything = integral(domain, one(domain) * domain.dS(*sides, off="no such line"))
    assert everything == pytest.approx(4 * UM, rel=1e-12, abs=0)


def test_a_field_on_lines_is_seen_from_both_sides(domain):
    line = domain.lines_between(["active"], PORES)
    assert line.mesh.topology.index_map(1).size_global == 16
    field = fem.Function(fem.functionspace(line.mesh, ("Lagrange", 1)))
    field.interpolate(lambda x: x[0] / UM)
    x, dS = ufl.SpatialCoordinate(domain.mesh)[0] / UM, domain.dS(["active"], PORES)
    for side in "+-":
        assert integral(domain, (field("+") - x(side)) ** 2 * dS, [line.entity_map]) < 1e-20 * UM
    assert integral(domain, field("+") ** 2 * dS, [line.entity_map]) > 0.1 * UM


def test_a_field_on_a_boundary(domain):
    line = domain.line_mesh("collector", ["carbon_binder"])
    assert line.mesh.topology.index_map(1).size_global == 8
    field = fem.Function(fem.functionspace(line.mesh, ("Lagrange", 1)))
    field.interpolate(lambda x: x[0] / UM)
    found = integral(domain, field * domain.ds("collector", ["carbon_binder"]), [line.entity_map])
    assert found == pytest.approx(0.5 * UM, rel=1e-12, abs=0)
