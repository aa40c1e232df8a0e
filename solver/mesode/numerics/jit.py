"""Forms, compiled: one call for all forms of a system, whose numbers are data.

DOLFINx compiles each form for itself, which costs more in starting the compiler than in compiling.
Here the new forms of a call share a few modules (``mesode.numerics.modules``) and all are then
joined with their spaces, functions, constants and entities.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from dolfinx import fem
from dolfinx.fem.forms import form_cpp_class, get_integration_domains

from mesode.numerics.literals import with_constants
from mesode.numerics.modules import CompilerError, declared, key_of, load, make_missing
from mesode.numerics.traversers import traversers_released

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mpi4py import MPI

    import ufl
    from dolfinx.mesh import EntityMap


def compile_form(form: Any, entity_maps: Sequence[EntityMap] = ()) -> Any:
    """Compile a form, whose numbers are data (collective)."""
    return compile_forms([with_constants(form)], entity_maps)[0]


def compile_forms(forms: Any, entity_maps: Sequence[EntityMap] = ()) -> Any:
    """Compile nested lists of forms or None in one go; return them in the same nesting.

    Collective over the ranks of the forms' mesh.

    Raises:
        CompilerError: there is no compiler, or it failed; on all ranks.
    """
    flat = list(_flatten(forms))
    with traversers_released():
        code = _made(flat)
        made = {
            id(form): _with_data(form, code[id(form)], entity_maps)
            for form in flat
            if not form.empty()
        }
    return _renest(forms, made)


def _flatten(forms: Any) -> Iterator[ufl.Form]:
    if isinstance(forms, list | tuple):
        for part in forms:
            yield from _flatten(part)
    elif forms is not None:
        yield forms


def _renest(forms: Any, made: dict[int, Any]) -> Any:
    if isinstance(forms, list | tuple):
        return [_renest(part, made) for part in forms]
    if forms is None:
        return None
    return made[id(forms)] if id(forms) in made else fem.form(forms)


def _made(forms: list[ufl.Form]) -> dict[int, Any]:
    """Return the compiled object of each form that has an integral (collective)."""
    keys = {id(form): key_of(form) for form in forms if not form.empty()}
    full = {keys[id(form)]: form for form in forms if id(form) in keys}
    if full:
        comm = next(iter(full.values())).ufl_domain().ufl_cargo().comm
        _agree_to_make(comm, full)
    return {name: load(key) for name, key in keys.items()}


def _agree_to_make(comm: MPI.Intracomm, forms: Mapping[str, ufl.Form]) -> None:
    """Make what is missing on rank 0, then on ranks that do not see its folder (collective)."""
    for turn in (comm.rank == 0, comm.rank != 0):
        error: Exception | None = None
        if turn:
            try:
                make_missing(forms)
            except Exception as failed:  # whatever it is, the other ranks wait for it
                error = failed
        told = next((e for e in comm.allgather(str(error) if error else "") if e), None)
        if told is not None:
            raise error or CompilerError(told)


def _with_data(form: ufl.Form, compiled: Any, entity_maps: Sequence[Any]) -> Any:
    """Join the code of a form with its spaces, functions, constants and places."""
    ((domain, data),) = form.subdomain_data().items()
    functions = form.coefficients()
    used = [compiled.original_coefficient_positions[k] for k in range(compiled.num_coefficients)]
    places = {}
    for k, integral in enumerate(map(fem.IntegralType, range(len(fem.IntegralType.__members__)))):
        if integral.name in data:
            if any(other is not data[integral.name][0] for other in data[integral.name]):
                msg = f"internal error: a form has several lists of {integral.name} entities"
                raise ValueError(msg)
            first, last = (compiled.form_integral_offsets[j] for j in (k, k + 1))
            ids = [compiled.form_integral_ids[j] for j in range(first, last)]
            places[integral] = get_integration_domains(integral, data[integral.name][0], ids)
    mesh, ffi = domain.ufl_cargo(), declared()
    cpp = form_cpp_class(np.float64)(
        [ffi.cast("uintptr_t", ffi.addressof(compiled))],
        [argument.ufl_function_space()._cpp_object for argument in form.arguments()],
        [functions[k]._cpp_object for k in used],
        [constant._cpp_object for constant in form.constants()],
        places,
        [entity_map._cpp_object for entity_map in entity_maps],
        mesh,
    )
    return fem.Form(cpp, compiled)
