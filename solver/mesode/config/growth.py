"""Growth of a case's hosts that finite mechanics can follow: a volume stays above zero."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mesode.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mesode.config.case import Case
    from mesode.config.resolve import Materials

LEAST = 0.1  # volume of a host over that at the initial lithiation, at any lithiation
_SAMPLES = 101


def growth_problems(case: Case, materials: Materials) -> Iterator[Problem]:
    """Yield the hosts that would shrink to nothing, J_g = 1 + s(x) - s(x_0) from 0 to 1.

    Hosts of several materials are looked at as if each had the initial lithiation.
    """
    if case.physics.mechanics != "finite":
        return
    start, sto = case.initial.lithiation, np.linspace(0.0, 1.0, _SAMPLES)
    for host in materials.hosts():
        mechanical = materials.phases[host].mechanical
        if mechanical is None:
            continue
        change = mechanical.swelling(sto=sto) - mechanical.swelling(sto=start)
        growth = 1.0 + np.broadcast_to(change, sto.shape)
        least = int(np.argmin(growth))
        if growth[least] < LEAST:
            yield Problem(
                "initial.lithiation",
                f"{start:g}",
                f"{host} would have {100 * growth[least]:.0f} % of its volume at lithiation "
                f"{sto[least]:g}, expected at least {100 * LEAST:.0f} %",
                "Finite mechanics draws the section at the initial lithiation and counts its "
                "swelling from there: begin at less lithiation",
            )
