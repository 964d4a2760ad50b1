"""Pictures of several people: who is where, who hides whom, and that one alone is as before."""

import hashlib
import itertools

import numpy as np
import pytest

from poseforge.datasets.synthetic import SyntheticPeople
from poseforge.datasets.synthetic.group import hidden_by_others, nearness, starts_of_pictures
from poseforge.datasets.synthetic.raster import rasterize

SIZE = 96
GROUP = SyntheticPeople(120, people=(1, 4), seed=5, size=SIZE)


def geometries():
    """Return each picture's geometry, its first person and the masks of its people."""
    from poseforge.datasets.synthetic.draws import rows

    for start, stop in itertools.pairwise(GROUP.pictures[:25].tolist()):
        geometry, _ = GROUP._people_of(rows(GROUP.seed, range(start, stop)), start)
        pictures = np.zeros(stop - start, dtype=int)
        masks = np.zeros((stop - start, SIZE, SIZE), dtype=bool)
        for person, mask in enumerate(masks):
            pixels = rasterize(geometry, person, SIZE, 1.0)
            mask[pixels.row, pixels.column] = True
        yield geometry, pictures, start, masks


def test_one_person_a_picture_is_drawn_as_it_always_was():
    people = SyntheticPeople(40, seed=3, size=100)
    drawn = b"".join(people[i]["image"].tobytes() for i in range(8))
    digest = hashlib.sha256(drawn).hexdigest()
    assert digest.startswith("03cfa23c1c3fcb24")
    assert people.fingerprint().startswith("8be8c509ebb8190e")


def test_pictures_have_as_many_people_as_wanted_and_each_person_is_in_one():
    starts = starts_of_pictures(7, 1000, 2, 5)
    counts = np.diff(starts)
    assert starts[0] == 0
    assert starts[-1] == 1000
    assert set(counts[:-1]) == {2, 3, 4, 5}
    assert 1 <= counts[-1] <= 5
    assert starts_of_pictures(7, 3, 4, 4).tolist() == [0, 3]
    assert starts_of_pictures(7, 8, 4, 4).tolist() == [0, 4, 8]
    names, sizes = np.unique(GROUP.people.image_names, return_counts=True)
    assert sizes.max() == 4
    assert sizes.sum() == 120
    assert names[0] == "scene-of-synthetic-5-000000"
    assert not set(names) & set(GROUP.people.ids)


def test_everyone_in_a_picture_has_the_same_picture_and_their_own_labels():
    people = GROUP.people
    for index in range(0, 40, 3):
        sample = GROUP[index]
        np.testing.assert_array_equal(sample["keypoints"], people.keypoints[index])
        np.testing.assert_array_equal(sample["visible"], people.visible[index])
        np.testing.assert_array_equal(sample["box"], people.boxes[index])
        same = np.flatnonzero(people.image_names == people.image_names[index])
        np.testing.assert_array_equal(GROUP[int(same[0])]["image"], sample["image"])


def test_a_joint_under_somebody_larger_is_hidden_and_one_under_somebody_smaller_is_not():
    agreeing = total = 0
    for geometry, pictures, _, masks in geometries():
        near = nearness(geometry)
        objects = geometry.objects
        bare = objects.half[..., 0].max(axis=1) <= 0
        if not bare.all():
            continue
        pixels = geometry.pixels[:, GROUP._columns]
        hidden = hidden_by_others(geometry, pixels, pictures)
        column, row = np.round(pixels).astype(int).clip(0, SIZE - 1).transpose(2, 0, 1)
        inside = ((pixels >= 0) & (pixels <= SIZE - 1)).all(axis=-1)
        for person in range(len(near)):
            others = masks[near > near[person]]
            covered = others[:, row[person], column[person]].any(axis=0)
            agreeing += (covered == hidden[person])[inside[person]].sum()
            total += inside[person].sum()
    assert total > 200
    assert agreeing / total > 0.98  # points on outlines fall on either side


def test_the_larger_one_is_painted_over_the_smaller_one():
    """Painting in the other order changes the picture where two people meet."""
    from poseforge.datasets.synthetic.draws import generator
    from poseforge.datasets.synthetic.scene import draw_people

    checked = 0
    for geometry, _, start, masks in geometries():
        if len(masks) != 2 or (geometry.objects.half > 0).any():
            continue
        far, near = np.argsort(nearness(geometry))
        both = masks[far] & masks[near]
        if both.sum() < 30:
            continue

        def draw(order, start=start, geometry=geometry):
            rngs = [generator(GROUP.seed, start + int(person))[0] for person in order]
            return draw_people(geometry, order, SIZE, rngs).astype(int)

        right, wrong = draw([far, near]), GROUP[start]["image"].astype(int)
        np.testing.assert_array_equal(right, wrong)
        assert np.abs(draw([near, far]) - right)[both].mean() > 1
        checked += 1
    assert checked


def test_of_whom_nothing_is_seen_nothing_is_labelled():
    people = SyntheticPeople(600, people=(4, 4), seed=1, size=64).people
    gone = ~(people.visible > 0).any(axis=-1)
    assert gone.any()
    assert ((people.visible == 2).any(axis=-1) | gone).all()
    assert not people.keypoints[gone].any()
    assert np.isfinite(people.boxes).all()
    assert (people.visible == 1).mean() > (GROUP.people.visible == 1).mean()


@pytest.mark.parametrize("people", [(0, 2), (3, 2), (1,)])
def test_bad_numbers_of_people_are_refused(people):
    with pytest.raises(ValueError, match="give the least and the most people"):
        SyntheticPeople(5, people=people)
