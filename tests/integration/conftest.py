"""The command line sends messages to the stderr of its test; no later test may hear them."""

from __future__ import annotations

import logging

import pytest


@pytest.fixture(autouse=True)
def _silent_afterwards():
    logger = logging.getLogger("mesode")
    before, level = list(logger.handlers), logger.level
    yield
    logger.handlers[:], logger.level = before, level
