"""If these fail, a protocol that is physically possible does not come to its end.

Five hundred random decks on demand (-m slow), twelve in every run of the suite.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from support.deck_runs import fault, run_deck
from support.random_decks import draw

pytestmark = pytest.mark.serial

# that take some seconds each and cover hosts and what is inside them, shapes, binders, coatings,
# controls, mechanics and full sections
FEW = (1, 6, 7, 10, 11, 13, 17, 19, 20, 22, 31, 33)
MANY = range(500)
ENDS_AS_IT_SHOULD = 0.99  # share of the decks that start
STARTS = 0.85  # the others are sections that cannot be drawn or have no path for electrons


@pytest.mark.timeout(1300)
@pytest.mark.parametrize("seed", FEW)
def test_a_random_deck_ends_at_its_ends_or_for_a_physical_reason(seed, tmp_path):
    run = run_deck(seed, tmp_path)
    assert run.started, run.said
    assert not fault(run), draw(seed)["title"]


@pytest.mark.slow
@pytest.mark.timeout(6 * 3600)
def test_random_decks_end_at_their_ends_or_for_a_physical_reason(tmp_path):
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        runs = list(pool.map(lambda seed: run_deck(seed, tmp_path), MANY))
    started = {seed: run for seed, run in zip(MANY, runs, strict=True) if run.started}
    faults = {seed: text for seed, run in started.items() if (text := fault(run))}
    told = "\n".join(f"{draw(seed)['title']}: {text}" for seed, text in faults.items())
    told = f"{len(started)} of {len(runs)} start, {len(faults)} end wrongly\n{told}"
    assert len(started) >= STARTS * len(runs), told
    assert len(started) - len(faults) >= ENDS_AS_IT_SHOULD * len(started), told
    assert not [text for text in faults.values() if "hangs" in text or "exit code" in text], told
