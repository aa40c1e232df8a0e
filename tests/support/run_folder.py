"""Write a run folder with known fields on sub-meshes, with the XDMF writer of DOLFINx itself."""

from __future__ import annotations

import json
from dataclasses import dataclass

from mpi4py import MPI

import numpy as np
from dolfinx import fem, io, mesh

WIDTH, ELECTRODE, HEIGHT = 40.0, 17.0, 42.0  # [um]
TIMES = (0.0, 300.0, 600.0, 900.0)
CENTRES = np.array([[x, y] for y in (2.0, 6.3, 10.6, 14.9) for x in (3.0, 11.5, 20.0, 28.5, 37.0)])
RADIUS = 1.9
PHASES = {"active": 1, "carbon_binder": 2, "separator": 3, "collector": 4}
FOIL = 1.0  # [um], width of a foil along the left side


@dataclass(frozen=True)
class Written:
    """One field of a synthetic run: element, and values as function of x and time."""

    name: str
    degree: int  # 1: at points, 0: in cells
    value: object


def _scalar(f):
    return lambda x, t: f(x, t)[None, :]


def active_fields():
    return [
        Written("sto", 1, _scalar(lambda x, t: (t / 900) * (0.5 + 0.02 * x[1]))),
        Written("sigma_h", 0, _scalar(lambda x, t: -1e6 * t / 900 + 1e5 * np.sin(x[0]))),
    ]


def electronic_fields():
    return [
        Written("phi_s", 1, _scalar(lambda x, t: 0.5 - t / 2000 - 1e-4 * x[1])),
        Written("i_s", 0, lambda x, t: (3 * np.sin(x[0] / 3), -50 * (1 - x[1] / ELECTRODE))),
    ]


def ionic_fields():
    share = lambda x: np.minimum(x[1] / ELECTRODE, 1.0)  # noqa: E731
    return [
        Written("c_e", 1, _scalar(lambda x, t: 1000 + t / 3 * (x[1] / HEIGHT - 0.5))),
        Written("phi_e", 1, _scalar(lambda x, t: -0.01 * (1 - x[1] / HEIGHT) * (t > 0))),
        Written("i_e", 0, lambda x, t: (5 * np.cos(x[0] / 3), -50 * share(x))),
    ]


def mechanical_fields():
    inside = lambda x: _in_particles(x)  # noqa: E731
    return [
        Written("u", 1, lambda x, t: (0 * x[0], x[1] * 0.1 * t / 900)),
        Written("von_mises", 0, _scalar(_von_mises)),
        Written("sigma_h", 0, _scalar(lambda x, t: (1e6 - 6e7 * inside(x)) * t / 900)),
    ]


def flow_fields():
    """What has flowed in particles, in a binder that relaxes."""
    return [
        Written("plastic_strain", 0, _scalar(lambda x, t: 0.1 * _in_particles(x) * t / 900)),
        Written("lost_work", 0, _scalar(lambda x, t: (1e6 + 1e8 * _in_particles(x)) * t / 900)),
    ]


def _von_mises(x, _t):
    stress = (1e8 * _in_particles(x) + 2e6) * (1 + x[1] / 40)
    return np.where(_in_foil(x), 1e10, stress)


def label_fields():
    return [
        Written("phase", 0, _scalar(_phase)),
        Written("particle", 0, _scalar(lambda x, t: np.where(_in_particles(x), 0.0, -1.0))),
    ]


def _phase(x, _t):
    solid = np.where(_in_particles(x), 1.0, 2.0)
    return np.where(_in_foil(x), 4.0, np.where(x[1] < ELECTRODE, solid, 3.0))


def _in_foil(x):
    return (x[0] < FOIL) & (x[1] < ELECTRODE)


def _in_particles(x):
    distance = np.linalg.norm(x[:2].T[:, None, :] - CENTRES[None], axis=2)
    return distance.min(axis=1) <= RADIUS


def write_group(folder, name, section, where, fields, times=TIMES):
    """Write fields, phases and particles on the cells whose midpoint fulfils ``where``."""
    count = section.topology.index_map(2).size_local
    middle = mesh.compute_midpoints(section, 2, np.arange(count, dtype=np.int32))
    part = mesh.create_submesh(section, 2, np.flatnonzero(where(middle.T)).astype(np.int32))[0]
    path = folder / "fields" / f"{name}.xdmf"
    path.parent.mkdir(parents=True, exist_ok=True)
    with io.XDMFFile(MPI.COMM_SELF, path, "w") as file:
        file.write_mesh(part)
        for time in times:
            for field in [*fields, *label_fields()]:
                file.write_function(_function(part, field, time), time)
    return path


def _function(part, field, time):
    size = len(field.value(np.zeros((3, 1)), 0.0))
    shape = () if size == 1 else (size,)
    element = ("Lagrange", 1, shape) if field.degree else ("DG", 0, shape)
    function = fem.Function(fem.functionspace(part, element), name=field.name)
    function.interpolate(lambda x: np.array(field.value(x, time)))
    return function


def write_run(folder, cells=(80, 84), *, mechanics=True):
    """Write a whole run folder; ``cells`` over width and height."""
    section = mesh.create_rectangle(
        MPI.COMM_SELF, [np.zeros(2), np.array([WIDTH, HEIGHT])], list(cells)
    )
    solid = lambda x: x[1] < ELECTRODE  # noqa: E731
    write_group(folder, "active", section, _in_particles, active_fields())
    write_group(folder, "electronic", section, solid, electronic_fields())
    write_group(folder, "ionic", section, lambda x: x[0] > -1, ionic_fields())
    if mechanics:
        write_group(folder, "mechanical", section, solid, mechanical_fields())
    _write_tables(folder)
    return folder


def _write_tables(folder):
    manifest = {
        "status": "completed",
        "balances": {"lithium": 3.1e-8, "salt": 2e-10, "charge": 4e-12},
        "mesh": {"phases": PHASES},
        "timings": {"assembly": 4.2, "solver": {"factorise": 3.0, "solve": 6.5}, "output": 0.8},
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))
    (folder / "config.yaml").write_text("title: Synthetic section\n")
    time = np.concatenate([np.geomspace(1e-3, 900, 60), 900 + np.geomspace(1, 600, 20)])
    charge = np.minimum(time, 900) / 900
    voltage = 0.6 - 0.55 * charge**0.5 + 0.06 * (time > 900)
    table = {
        "Test Time / s": time,
        "Voltage / V": voltage,
        "Open-Circuit Voltage / V": 0.66 - 0.55 * charge**0.5,
        "Current Density / A.m-2": np.where(time > 900, 0.0, 50.0),
        "Specific Capacity / mA.h.g-1": 737 * charge,
        "Step Count / 1": np.where(time > 900, 2, 1),
    }
    np.savetxt(
        folder / "timeseries.bdf.csv",
        np.column_stack(list(table.values())),
        delimiter=",",
        header=",".join(table),
        comments="",
    )
