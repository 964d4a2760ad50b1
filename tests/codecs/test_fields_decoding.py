import time

import numpy as np
import pytest
import torch

from poseforge.codecs import PartFields
from poseforge.codecs.fields_decoding import Grouping, _edges, find_peaks


def gaussian(points, sigma=1.0, size=(20, 24)):
    y, x = torch.meshgrid(*(torch.arange(side).float() for side in size), indexing="ij")
    maps = [torch.exp(-((x - px) ** 2 + (y - py) ** 2) / (2 * sigma**2)) for px, py in points]
    return torch.stack(maps).amax(0)[None, None]


def test_peaks_of_gaussians_are_exact_between_the_cells():
    points = [(3.3, 4.8), (15.45, 10.0), (8.0, 16.6)]
    cells, scores = find_peaks(gaussian(points), 0.1, 10)
    assert cells.shape == (1, 1, 3, 2)
    assert (scores[0, 0].diff() <= 0).all()
    found = cells[0, 0][cells[0, 0, :, 0].argsort()]
    torch.testing.assert_close(found, torch.tensor(sorted(points)), atol=1e-3, rtol=0)


def test_equally_high_neighbours_are_one_peak():
    for point in [(6.5, 7.0), (6.0, 7.5), (6.5, 7.5)]:
        cells, _ = find_peaks(gaussian([point]), 0.1, 10)
        torch.testing.assert_close(cells[0, 0], torch.tensor([point]), atol=1e-3, rtol=0)
    flat = torch.ones(1, 1, 6, 6)
    assert find_peaks(flat, 0.1, 10)[1].shape == (1, 1, 1)


def test_low_peaks_and_surplus_ones_are_left_out():
    maps = 0.5 * gaussian([(3, 3)]) + 0.09 * gaussian([(15, 15)])
    assert find_peaks(maps, 0.1, 10)[1].shape[-1] == 1
    assert find_peaks(maps, 0.05, 10)[1].shape[-1] == 2
    assert find_peaks(maps, 0.05, 1)[0][0, 0].round().tolist() == [[3, 3]]
    assert find_peaks(-maps, 0.0, 10)[1].shape == (1, 1, 0)


def test_peaks_in_the_outermost_cells_stay_in_the_picture():
    cells, _ = find_peaks(gaussian([(-0.4, 19.3), (23.2, 0.0)]), 0.1, 10)
    assert sorted(cells[0, 0].round().tolist()) == [[0, 19], [23, 0]]


def test_matching_is_greedy_by_kind_of_limb_and_the_surest_limb_comes_first():
    rng = np.random.default_rng(1)
    links = [(0, 1), (1, 2), (2, 0)]
    affinities = rng.uniform(-1, 1, (2, 3, 5, 5)).clip(0)
    images = _edges(torch.from_numpy(affinities).float(), links, 5)
    for image in range(2):
        expected = []
        for number, (start, end) in enumerate(links):
            used = set()
            flat = [(affinities[image, number, i, j], i, j) for i in range(5) for j in range(5)]
            for value, i, j in sorted(flat, reverse=True):
                if value > 0 and (0, i) not in used and (1, j) not in used:
                    used |= {(0, i), (1, j)}
                    expected.append((value, (start * 5 + i, end * 5 + j)))
        assert images[image] == [edge for _, edge in sorted(expected, reverse=True)]


def test_a_body_has_each_part_once_and_small_bodies_are_nobody():
    grouping = Grouping(min_parts=2)
    # Parts 0, 1, 2 with two peaks each: the third edge would give the first body part 0 twice.
    edges = [(0, 2), (2, 4), (1, 4), (3, 5)]
    bodies = grouping._bodies(edges, (3, 2))
    assert sorted(map(sorted, bodies)) == [[0, 2, 4], [3, 5]]
    assert Grouping(min_parts=3)._bodies(edges, (3, 2)) == [[0, 2, 4]]


def test_a_limb_needs_the_field_all_along_its_line():
    maps = torch.stack([gaussian([(3, 10)]), gaussian([(19, 10)])], dim=2)[:, 0]
    fields = torch.zeros(1, 1, 2, 20, 24)
    fields[:, :, 0, 8:13] = 1
    grouping = Grouping(min_parts=2)
    assert grouping.group(maps, fields, [(0, 1)])[0].shape == (1, 1, 2, 2)
    assert grouping.group(maps, -fields, [(0, 1)])[0].shape == (1, 0, 2, 2)
    assert grouping.group(maps, -fields, [(1, 0)])[0].shape == (1, 1, 2, 2)
    fields[..., 3:10] = 0  # more than a fifth of the line
    assert grouping.group(maps, fields, [(0, 1)])[0].shape == (1, 0, 2, 2)


def test_twenty_people_are_decoded_in_time():
    """Within 15 ms on a core of its own; twice that where others share it."""
    from tests.codecs.test_fields import COCO, scene

    neck = ("left_shoulder", "right_shoulder")
    links = (*COCO.links, (neck, "nose"), (neck, "left_hip"))  # 19 limbs, 18 parts
    codec = PartFields((368, 368), 8, 4.0, 4.0, "coco17", links=links)
    points, visible = scene(COCO, columns=5)
    outputs = codec.encode(points[:, :20], visible[:, :20])["fields"]
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        times = []
        for _ in range(20):
            start = time.process_time()
            found, _ = codec.decode(outputs)
            times.append(time.process_time() - start)
    finally:
        torch.set_num_threads(threads)
    print(f"{found.shape[1]} people in {1e3 * min(times):.1f} ms")
    assert found.shape[1] >= 20
    assert min(times) < 0.030


@pytest.mark.parametrize("device", ["cpu", pytest.param("cuda", marks=pytest.mark.gpu)])
def test_nothing_in_gives_nobody(device):
    maps, fields = torch.zeros(2, 3, 8, 8, device=device), torch.zeros(2, 2, 2, 8, 8, device=device)
    cells, scores = Grouping().group(maps, fields, [(0, 1), (1, 2)])
    assert cells.shape == (2, 0, 3, 2)
    assert scores.shape == (2, 0, 3)
    assert cells.device.type == device
