"""A host with two branches of its potential, for tests of its hysteresis."""

from __future__ import annotations

from mesode.materials.ends import potential
from mesode.materials.hysteresis import Hysteresis
from support.small_cell import law


def mean(sto, ops):
    return 0.6 - 0.5 * sto + 0.05 * ops.tanh(5 - 10 * sto)


def half_gap(sto):
    return 0.1 - 0.05 * sto


LITHIATION = law(lambda *, sto, ops: mean(sto, ops) - half_gap(sto), "sto")
DELITHIATION = law(lambda *, sto, ops: mean(sto, ops) + half_gap(sto), "sto")


def with_hysteresis(model="one_state", **numbers):
    """Return what of ``Lithium`` is different in a host with both branches."""
    hysteresis = Hysteresis(
        lithiation=potential(LITHIATION), delithiation=potential(DELITHIATION), model=model,
        **numbers,
    )  # fmt: skip
    return {"ocp": hysteresis.at_start(), "hysteresis": hysteresis}
