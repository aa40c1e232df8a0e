"""``mesode bench``: what a full lithiation costs here, in seconds and in units of its own solver.

The unit is one residual assembly and one triangular solve of the same system, the medians of
repeats in the process that ran the lithiation. Nothing is asserted: these are measurements.
"""

from __future__ import annotations

import json
import resource
import statistics
import tempfile
import time
from dataclasses import asdict, dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mesode.bench.protocols import DEFAULT, PROTOCOLS
from mesode.config.load import parse_case
from mesode.config.resolve import resolve_materials
from mesode.geometry.request import section_request, to_um

if TYPE_CHECKING:
    from collections.abc import Callable

    from mpi4py import MPI

    from mesode.config.case import Case
    from mesode.geometry.section import Section
    from mesode.model.cell import Cell

WIDTH = 40.0  # [um] of the section; less for few unknowns, down to one row of particles
NARROWEST = 5.0  # [um]
COARSEST = 0.2  # [um] at the interfaces: two edges in the gap of 0.1 um between particles
BULK = 10.0 / 3.0  # edges in the bulk over those at the interfaces
REFINEMENTS = 5  # of the guess of the mesh size; the estimate is then met to 1 %
REPEATS = 11  # of what is quick; an odd number has a median
FEW_REPEATS = 3  # of the factorisation
#: The electrode of finite mechanics: its binder leaves pores that close.
FINITE = [
    "physics.mechanics=finite",
    "geometry.electrode.carbon_binder={kind: bridges, fraction: 0.15}",
]
GIGABYTE = 1e6  # in the kilobytes that Linux counts memory in


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """Median wall times [s] of the parts of the solver; ``unit_cpu`` is processor time."""

    residual: float
    jacobian: float
    lu_first: float  # with the symbolic analysis
    lu: float
    solve: float
    unit_cpu: float

    @property
    def unit(self) -> float:
        """One residual assembly and one triangular solve [s]."""
        return self.residual + self.solve


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One case, measured in one process on each rank. Times in s, memory in GB.

    ``loop`` is the wall time of the time loop and ``loop_cpu`` the processor time of a rank, both
    without compilation; ``to_first_step`` is the time from the start of the process. ``memory`` is
    the peak up to the end of the run over all ranks, ``memory_rank`` that of the rank which took
    most, both without the second factorisation that ``costs`` are measured with. ``following``
    counts what finite mechanics, solved after each time step, takes of that.
    """

    dofs: int
    cells: int
    ranks: int
    mechanics: str
    geometry: float
    model: float
    first_step: float
    to_first_step: float = 0.0
    costs: Costs | None = None
    loop: float = 0.0
    loop_cpu: float = 0.0
    counts: dict[str, int] = field(default_factory=dict)
    reason: str = ""
    end: float = 0.0  # simulated time
    memory: float = 0.0
    memory_rank: float = 0.0
    following: dict[str, float] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Measured:
        """Return the measurement that ``to_dict`` wrote."""
        costs = data["costs"]
        return cls(**{**data, "costs": Costs(**costs) if costs else None})


# --- the case


def bench_case(
    dofs: int, mechanics: str = "none", degree: int = 1, protocol: str = DEFAULT
) -> Case:
    """Return the case with about ``dofs`` unknowns of the electrochemistry.

    The SiO electrode of ``electrode.yaml`` under one of ``PROTOCOLS``. The mesh is refined with
    everything else equal; below what the coarsest mesh has, the section is narrower.
    """
    section = _section(WIDTH)
    edge, found = COARSEST, estimated_dofs(section, COARSEST)
    if found > dofs:
        width = max(WIDTH * dofs / found, NARROWEST)
        return _case(width, COARSEST, mechanics, degree, protocol)
    for _ in range(REFINEMENTS):
        # between refinement at the interfaces (power one) and everywhere (power two)
        edge *= (found / dofs) ** (1.0 / 1.5)
        found = estimated_dofs(section, edge)
    return _case(WIDTH, edge, mechanics, degree, protocol)


def electrode_text() -> str:
    """Return the case file of what is measured."""
    return (files("mesode.bench") / "electrode.yaml").read_text("utf-8")


def _case(
    width: float, edge: float, mechanics: str = "none", degree: int = 1, protocol: str = DEFAULT
) -> Case:
    changes = [
        f"geometry.width={width:.4g} um",
        f"mesh.size={BULK * edge:.5g} um",
        f"mesh.interface={edge:.5g} um",
        f"protocol={json.dumps(PROTOCOLS[protocol].steps)}",
    ]
    if mechanics == "finite":
        changes += FINITE
    elif mechanics != "none":
        changes += ["physics.mechanics=linear", f"physics.stress_coupling={mechanics}"]
        changes += [f"numerics.displacement_degree={degree}"]
    return parse_case(electrode_text(), overrides=changes)


def _section(width: float) -> Section:
    from mesode.geometry.section import build_section

    case = _case(width, COARSEST)
    return build_section(section_request(case))


def estimated_dofs(section: Section, edge: float) -> int:
    """Estimate the unknowns of the electrochemistry on a mesh with edges [um] at interfaces."""
    from mesode.case.size_estimate import cells_by_phase, estimate_dofs

    case = _case(section.width, edge)
    cells = cells_by_phase(section, to_um(case.mesh.size), to_um(case.mesh.interface))
    return estimate_dofs(case, resolve_materials(case), section, cells)


# --- the measurement


class _Clock:
    """Observer that notes the wall and the processor time of the loop and of its first step."""

    def __init__(self, comm: MPI.Intracomm) -> None:
        self.comm = comm
        self.times: list[float] = []
        self.cpu: list[float] = []
        self.reason, self.end, self.reached = "", 0.0, 0.0

    def start(self, _cell: Cell) -> None:
        """Nothing to prepare."""

    def point(self, _point: Any) -> None:
        """Note the time; the first point is the state at the start."""
        self.times.append(time.perf_counter())
        self.cpu.append(time.process_time())
        if len(self.times) == 2:
            self.reached = time.time()

    def step_end(self, result: Any) -> None:
        """Note how the step ended, when all ranks are there."""
        self.comm.barrier()
        self.point(None)
        self.reason, self.end = result.reason, result.t_end

    def finish(self) -> None:
        """Nothing to close."""

    def first_step(self) -> str | None:
        """Ask for the end once the first step is done."""
        return "the first step is done" if len(self.times) > 1 else None


def measure(case: Case, comm: MPI.Intracomm, began: float, *, startup: bool = False) -> Measured:
    """Run a case and measure it (collective).

    Args:
        case: What to run.
        comm: Ranks that share it.
        began: Unix time at which the process was started.
        startup: End after the first time step; measure no costs.
    """
    from mesode.case.meshing import mesh_case
    from mesode.case.prepare import build_cell
    from mesode.model.diagnostics import Diagnostics
    from mesode.output.ranks import only_on_rank_zero
    from mesode.protocol.runner import RunnerOptions, run_protocol

    marks, meshed = [time.perf_counter()], None

    def build() -> None:
        nonlocal meshed
        with tempfile.TemporaryDirectory() as folder:
            meshed = mesh_case(case, Path(folder))

    only_on_rank_zero(comm, build)
    marks.append(time.perf_counter())
    cell = build_cell(case, meshed, comm).cell
    diagnostics = Diagnostics(cell)
    comm.barrier()
    marks.append(time.perf_counter())
    clock = _Clock(comm)
    options = RunnerOptions(tolerance=case.numerics.tolerance)
    if startup:
        options = RunnerOptions(tolerance=case.numerics.tolerance, stop_requested=clock.first_step)
    counts = run_protocol(cell, case.protocol, options, [clock], diagnostics).counts
    peaks = comm.allgather(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / GIGABYTE)
    return Measured(
        dofs=cell.system.n_dofs,
        cells=cell.domain.n_cells,
        ranks=comm.size,
        mechanics=_mechanics(case),
        geometry=marks[1] - marks[0],
        model=marks[2] - marks[1],
        first_step=clock.times[1] - clock.times[0],
        to_first_step=clock.reached - began,
        costs=None if startup else measure_costs(cell),
        loop=clock.times[-1] - clock.times[0],
        loop_cpu=comm.allreduce(clock.cpu[-1] - clock.cpu[0]) / comm.size,
        counts=counts,
        reason=clock.reason,
        end=clock.end,
        following=_following(cell),
        memory=sum(peaks),
        memory_rank=max(peaks),
    )


def _following(cell: Cell) -> dict[str, float]:
    """Return what finite mechanics has done so far; nothing where there is none (collective)."""
    from mesode.numerics.path_follower import PathFollower

    follower, comm = cell.follower, cell.domain.comm
    if not isinstance(follower, PathFollower):
        return {}
    return {
        "dofs": follower.system.n_dofs,
        "pieces": follower.counts.pieces,
        "failed": follower.counts.failed,
        "iterations": follower.newton.counts.iterations,
        "cpu": comm.allreduce(follower.counts.cpu) / comm.size,
    }


def _mechanics(case: Case) -> str:
    if case.physics.mechanics in ("none", "finite"):
        return case.physics.mechanics
    return f"{case.physics.stress_coupling} P{case.numerics.displacement_degree}"


def measure_costs(cell: Cell) -> Costs:
    """Measure the parts of the solver at the state of a cell (collective)."""
    from petsc4py import PETSc

    from mesode.numerics.linear import configure_direct

    system, comm = cell.system, cell.domain.comm
    f, z = system.x.duplicate(), system.x.duplicate()
    system.load(system.x, system.unknowns)
    shift = 1.0  # [1/s], of a step of about a second

    def median(work: Callable[[], object], repeats: int) -> tuple[float, float]:
        wall, cpu = [], []
        for _ in range(repeats):
            comm.barrier()
            begin, begin_cpu = time.perf_counter(), time.process_time()
            work()
            comm.barrier()
            wall.append(time.perf_counter() - begin)
            cpu.append(time.process_time() - begin_cpu)
        return statistics.median(wall), statistics.median(cpu)

    residual = median(lambda: system.assemble_residual(f), REPEATS)
    jacobian = median(lambda: system.assemble_jacobian(system.A, shift), FEW_REPEATS)[0]
    ksp = PETSc.KSP().create(comm)
    configure_direct(ksp)

    def factor() -> None:
        ksp.setOperators(system.A)
        ksp.setUp()

    def factor_again() -> None:
        system.A.stateIncrease()  # as new values would; PETSc keeps the factors otherwise
        factor()

    first = median(factor, 1)[0]
    again = median(factor_again, FEW_REPEATS)[0]
    solve = median(lambda: ksp.solve(f, z), REPEATS)
    ksp.destroy()
    return Costs(
        residual=residual[0],
        jacobian=jacobian,
        lu_first=first,
        lu=again,
        solve=solve[0],
        unit_cpu=residual[1] + solve[1],
    )
