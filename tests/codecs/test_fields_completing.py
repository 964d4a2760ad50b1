from dataclasses import replace

import numpy as np
import torch

from poseforge.codecs import PartFields
from poseforge.codecs.fields_along_lines import components_along
from poseforge.codecs.fields_completing import complete_people
from poseforge.structures import SKELETONS
from tests.codecs.test_fields import scene

LSP = SKELETONS["lsp14"]


def bilinear(field, x, y):
    """Interpolate (H, W) between cells; outside it is as at its border."""
    height, width = field.shape
    x, y = min(max(x, 0), width - 1), min(max(y, 0), height - 1)
    left, top = int(x), int(y)
    right, below = min(left + 1, width - 1), min(top + 1, height - 1)
    upper = field[top, left] * (left + 1 - x) + field[top, right] * (x - left)
    lower = field[below, left] * (left + 1 - x) + field[below, right] * (x - left)
    return upper * (top + 1 - y) + lower * (y - top)


def component(field, start, end, num_samples):
    """Return the mean component of (2, H, W) from start to end."""
    vector = end - start
    points = [start + vector * step for step in np.linspace(0, 1, num_samples)]
    seen = np.mean([[bilinear(axis, *point) for axis in field] for point in points], axis=0)
    return seen @ vector / np.linalg.norm(vector)


def test_components_along_lines_equal_brute_force():
    rng = np.random.default_rng(0)
    fields = rng.normal(size=(1, 2, 2, 7, 9))
    starts, ends = rng.uniform(-1, 9, (1, 2, 3, 2)), rng.uniform(-1, 9, (1, 2, 4, 2))
    found = components_along(*(torch.from_numpy(each) for each in (fields, starts, ends)), 5)
    assert found.shape == (1, 2, 3, 4, 5)
    for link in range(2):
        for one in range(3):
            for other in range(4):
                expected = component(fields[0, link], starts[0, link, one], ends[0, link, other], 5)
                np.testing.assert_allclose(found[0, link, one, other].mean(), expected, atol=1e-9)
    point = torch.from_numpy(starts)
    assert (components_along(torch.from_numpy(fields), point, point, 5)[0, 0, 0, 0] == 0).all()


def test_the_peak_of_the_best_height_and_limbs_is_added_limb_by_limb():
    rng = np.random.default_rng(1)
    links, parts, most, people = [(0, 1), (2, 1), (1, 3), (3, 4)], 5, 4, 3
    fields = rng.normal(size=(len(links), 2, 8, 8))
    places, heights = rng.uniform(0, 7, (parts, most, 2)), rng.uniform(0.1, 1, (parts, most))
    heights[2:, 3] = 0
    cells, scores = rng.uniform(0, 7, (people, parts, 2)), rng.uniform(0.1, 1, (people, parts))
    lacking = np.zeros((people, parts), bool)
    lacking[0, 1] = lacking[1, 2:] = lacking[2] = True  # the last is nobody
    cells[lacking], scores[lacking] = np.nan, 0
    points, values = complete_people(
        (torch.from_numpy(cells)[None], torch.from_numpy(scores)[None]),
        (torch.from_numpy(places)[None], torch.from_numpy(heights)[None]),
        torch.from_numpy(fields)[None],
        links,
        6,
    )
    for person in range(people):
        while True:
            added = {}
            for part in np.flatnonzero(scores[person] == 0):
                best = 0.0
                for peak in range(most):
                    limbs = [
                        max(0, sign * component(field, cells[person, other], places[part, peak], 6))
                        for link, field in zip(links, fields, strict=True)
                        for end, other, sign in [(link[1], link[0], 1), (link[0], link[1], -1)]
                        if end == part and scores[person, other] > 0
                    ]
                    score = heights[part, peak] * np.mean(limbs or [0])
                    if score > best:
                        best = score
                        added[part] = places[part, peak], score
            if not added:
                break
            for part, (place, score) in added.items():
                cells[person, part], scores[person, part] = place, score
    assert (scores[1] > 0).sum() > 2
    assert (scores[2] == 0).all()
    np.testing.assert_allclose(points[0], cells, atol=1e-6)
    np.testing.assert_allclose(values[0], scores, atol=1e-6)


def test_limbs_with_torn_fields_are_found_one_by_one():
    codec = PartFields((368, 368), 8, 7.0, 6.0, "lsp14")
    points, visible = scene(LSP, columns=2)
    outputs = codec.encode(points, visible)["fields"]
    for link in [("left_hip", "left_knee"), ("left_knee", "left_ankle")]:
        first = 15 + 2 * LSP.links.index(link)
        tear = points[0, 2, LSP.indices(link)].mean(dim=0) / 8
        x, y = tear.round().int().tolist()
        outputs[:, first : first + 2, y - 2 : y + 3, x - 2 : x + 3] = 0
    without, scores = codec.decode(outputs)
    lacking = [torch.nonzero(parts == 0)[:, 0].tolist() for parts in scores[0]]
    torn = sorted(LSP.indices(("left_knee", "left_ankle")))
    assert sorted(lacking) == [[], [], [], torn]
    found, scores = replace(codec, complete=True).decode(outputs)
    assert (scores > 0).all()
    distance = (found[0, :, None] - points[0, None]).norm(dim=-1).amax(dim=-1)
    assert sorted(distance.argmin(dim=1).tolist()) == [0, 1, 2, 3]
    assert distance.amin(dim=1).max() < 1.5
    known = ~without.isnan()
    assert torch.equal(found[known], without[known])


def test_where_nobody_is_nobody_is_completed():
    codec = PartFields((96, 64), 8, 7.0, 6.0, "lsp14", complete=True)
    outputs = torch.zeros(2, 14 + 1 + 2 * len(LSP.links), 8, 12)
    found, scores = codec.decode(outputs)
    assert found.shape == (2, 0, 14, 2)
    assert scores.shape == (2, 0, 14)
