from __future__ import annotations

import pytest

pytest.importorskip("dolfinx")

from support.run_folder import write_run


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory):
    return write_run(tmp_path_factory.mktemp("run"), (40, 42))
