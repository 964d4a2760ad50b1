"""Clothes: left and right alike."""

import numpy as np

from poseforge.datasets.synthetic import shading
from poseforge.datasets.synthetic.appearance import sample_appearance
from poseforge.datasets.synthetic.draws import Dice, generator
from poseforge.datasets.synthetic.flesh import PART_NAMES, PARTS
from poseforge.datasets.synthetic.geometry import pose_people


def test_left_and_right_parts_are_of_the_same_stuff_and_size():
    rng, numbers = generator(0, 3)
    geometry = pose_people(numbers[None], 64)
    looks = sample_appearance(Dice(rng), geometry.build, 0)
    for row, name in enumerate(PART_NAMES):
        if not name.startswith("left_"):
            continue
        twin = PART_NAMES.index(name.replace("left_", "right_"))
        np.testing.assert_array_equal(geometry.build.radii[0, row], geometry.build.radii[0, twin])
        local = np.array([[0.0] * 40, np.linspace(0, 0.25, 40), [0.01] * 40], dtype=np.float32)
        left, right = (
            shading._stuff_of_pixels(np.full(40, part), local, looks) for part in (row, twin)
        )
        np.testing.assert_array_equal(left, right)


def test_sides_are_mirror_images():
    for name, part in PARTS.items():
        if name.startswith("left_"):
            twin = PARTS[name.replace("left_", "right_")]
            assert twin.start == (-part.start[0], *part.start[1:])
            assert twin.end == (-part.end[0], *part.end[1:])
            assert twin.bone == part.bone.replace("left_", "right_")
