"""If these fail, nobody tells what follows a time step, or two do that know not of each other."""

from __future__ import annotations

import pytest

from mesode.errors import ModelError
from mesode.model.ahead import Ahead, find_ahead
from mesode.model.process import Process


class Tells(Process):
    def ahead(self):
        return Ahead()


def test_one_process_tells_what_follows_or_none():
    assert find_ahead([Process(), Process()]) is None
    assert isinstance(find_ahead([Process(), Tells()]), Ahead)
    with pytest.raises(ModelError, match="more than one process"):
        find_ahead([Tells(), Tells()])


def test_what_nobody_judges_is_right():
    assert Ahead().mistaken(1.0, 1e-4) is False
