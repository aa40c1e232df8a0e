"""If these fail, clusters are not of the size that was measured, or do not grow with clustering."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import yaml
from scipy.spatial.distance import cdist

from mesode.config.load import parse_case
from mesode.geometry.particles.dispersion import (
    cluster_diameters,
    connected_groups,
    group_count,
    grow_groups,
    spanning_pairs,
)
from mesode.geometry.particles.grains import GrainRequest, Population, make_grains
from mesode.geometry.particles.sizes import LogNormal
from mesode.geometry.request import section_request
from support.plain_case import plain_text

MESHES = Path(__file__).parents[4] / "meshes"


def _cluster_means(grains, threshold):
    """Return the mean equivalent diameter of clusters, by brute force from discs."""
    points, radius = np.column_stack((grains.x, grains.y)), grains.diameter / 2
    near = cdist(points, points) - radius[:, None] - radius < threshold
    label = np.arange(len(radius))
    for _ in range(len(radius)):
        spread = np.array([label[row].min() for row in near])
        if np.array_equal(spread, label):
            break
        label = spread
    area = np.pi * radius**2
    return np.mean([2 * np.sqrt(area[label == k].sum() / np.pi) for k in np.unique(label)])


@pytest.mark.parametrize(("name", "mean"), [("dispersed", 3.16), ("agglomerated", 4.64)])
def test_recipes_after_wang_2025_have_the_measured_mean(name, mean):
    geometry = yaml.safe_load((MESHES / f"wang2025_{name}.yaml").read_text(encoding="utf-8"))
    starter = yaml.safe_load(plain_text("test"))
    mesh = {"size": "1 um", "interface": "0.2 um"}
    request = section_request(parse_case({**starter, "geometry": geometry, "mesh": mesh}))
    electrode = request.electrode
    grains = make_grains(electrode.grains, request.width, electrode.thickness, 0.2)
    found = _cluster_means(grains, 1.5 * electrode.grains.gap)
    assert found == pytest.approx(mean, rel=0.03)
    assert found == pytest.approx(grains.report["clusters"]["mean_diameter"], rel=1e-6)


def test_both_recipes_hold_the_same_particles():
    texts = [
        yaml.safe_load((MESHES / f"wang2025_{n}.yaml").read_text(encoding="utf-8"))
        for n in ("dispersed", "agglomerated")
    ]
    for text in texts:
        text["electrode"].pop("packing")
    assert texts[0] == texts[1]


@pytest.mark.parametrize("contact", [None, 0.3])
def test_clusters_grow_steadily_with_clustering(contact):
    sizes = LogNormal(3.0, 0.2, 2.0, 4.5)
    means = []
    for clustering in (0.1, 0.3, 0.5, 0.7, 0.9):
        request = GrainRequest(
            populations=(Population(fraction=0.4, sizes=sizes),),
            clustering=clustering,
            contact=contact,
        )
        report = make_grains(request, 60.0, 30.0, 0.15).report
        assert report["clustering"] == pytest.approx(clustering, abs=0.01)
        means.append(report["clusters"]["mean_diameter"])
    steps = np.diff(means)
    assert np.all(steps > 0)
    assert means[-1] > 1.8 * means[0]


@pytest.mark.parametrize("target", [3.3, 4.0, 6.0])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_cluster_diameter_is_fitted(target, seed):
    request = GrainRequest(
        populations=(Population(fraction=0.4, sizes=LogNormal(3.0, 0.2, 2.0, 4.5)),),
        cluster_diameter=target,
        seed=seed,
    )
    grains = make_grains(request, 60.0, 30.0, 0.15)
    assert _cluster_means(grains, 0.15) == pytest.approx(target, rel=0.03)


def test_groups_are_connected_and_nested():
    rng = np.random.default_rng(1)
    points, order = rng.random((200, 2)), rng.permutation(200)
    for number in (1, 5, 40, 200):
        group = grow_groups(points, order[:number])
        assert len(np.unique(group)) == number
        assert np.array_equal(group[order[:number]], np.arange(number))


def test_spanning_pairs_join_each_group_without_loops():
    pairs = np.array([[0, 1], [1, 2], [0, 2], [2, 3], [3, 4]])
    distance = np.array([0.1, 0.2, 0.05, 0.3, -0.01])
    chosen = spanning_pairs(pairs, distance, np.array([0, 0, 0, 1, 1]))
    assert chosen.tolist() == [[0, 1], [0, 2], [3, 4]]


def test_cluster_diameter_is_that_of_the_disc_of_the_area():
    group = connected_groups(np.array([[0, 1]]), 3)
    diameters = cluster_diameters(np.array([np.pi, np.pi, np.pi / 4]), group)
    assert sorted(diameters) == pytest.approx([1.0, 2 * np.sqrt(2)])


@pytest.mark.parametrize(("clustering", "groups"), [(0.0, 50), (0.5, 25), (0.99, 1), (1.0, 1)])
def test_group_count(clustering, groups):
    assert group_count(50, clustering) == groups
