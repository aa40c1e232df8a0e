"""If this fails, an exported layer is another one than the case has."""

from __future__ import annotations

import pytest

from mesode.config.load import parse_case
from mesode.config.starter import starter_text
from mesode.exchange.effective import effective_cell


def test_a_layer_is_exported_as_it_is():
    cell = effective_cell(parse_case(starter_text("test", "layers"), "case.yaml"))
    assert cell.counter is not None
    for electrode, fraction, porosity, sigma, radius in (
        (cell.working, 0.75, 0.25, 215.0, 5.86e-6),
        (cell.counter, 0.665, 0.335, 0.18, 5.22e-6),
    ):
        (host,) = electrode.hosts
        assert host.fraction == pytest.approx(fraction)
        assert host.radius == pytest.approx(radius)
        assert electrode.porosity == pytest.approx(porosity)
        assert electrode.macmullin == pytest.approx(porosity**-1.5)
        assert electrode.sigma == pytest.approx(sigma)
