from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from poseforge.registry import TRANSFORMS
from poseforge.structures import Sample, Skeleton, affine, as_skeleton, boxes
from poseforge.structures.affine import Floats
from poseforge.transforms.arguments import (
    check_keypoints,
    check_positive,
    check_probability,
    check_range,
    check_size,
    check_strength,
    image_of,
    size_of,
)
from poseforge.transforms.base import Transform
from poseforge.transforms.io import Picture

# A picture or a part of it, and the (2, 3) map from its pixels to those of the whole picture.
Seen = tuple[NDArray[np.uint8], Floats]
GREY = 128  # what CPM pads with; the middle of the range, so that the border pulls neither way


@TRANSFORMS.register_module()
class Crop(Transform):
    """Cut the sample's box out of the image, straight to the input's size, in one warp.

    The padded box fits whole into the crop and keeps its shape. A sample without an image is read
    here, and a JPEG at a half, a quarter or an eighth of its size where the crop has so few pixels.

    Labelled points stay labelled outside the crop too; what becomes of them is the codec's matter.

    Args:
        size: (width, height) of the crop.
        padding: Sides of what is cut out relative to the box.
        fill: Grey value, 0 to 255, of what lies outside the image.

    Raises:
        ValueError: An argument is out of its range, or (when called) the box is outside the image.
    """

    def __init__(self, size: Sequence[int], padding: float = 1.25, *, fill: float = GREY) -> None:
        self.size = check_size(size)
        self.padding = check_positive("padding", padding)
        self.fill = check_strength("fill", fill, most=255)

    def __call__(self, sample: Sample, rng: np.random.Generator) -> Sample:
        picture = Picture(sample)
        sample = picture.place(sample)
        center, extent = _rectangle(sample, picture.size, self.padding)
        matrix = affine.crop_matrix(center, extent, self.size)
        return _warp(sample, _whole(picture, matrix), matrix, self.size, self.fill)


@TRANSFORMS.register_module()
class RandomCrop(Transform):
    """Cut the person out as `Crop` does, at a random scale, angle and place.

    Of a JPEG only the part that the crop shows is decoded, with the extra `jpeg`; `Crop` decodes
    whole pictures, because in tests people of one picture follow one another.

    Args:
        size: (width, height) of the crop.
        padding: Sides of what is cut out relative to the box, at scale 1.
        scale: Range of how large the person is relative to `Crop`; 2 is twice as large.
        rotate_deg: The person is turned by at most this much, either way.
        shift: It moves by at most this part of its longer side along each axis.
        fill: Grey value, 0 to 255, of what lies outside the image.

    Raises:
        ValueError: An argument is out of its range, or (when called) the box is outside the image.
    """

    def __init__(
        self,
        size: Sequence[int],
        padding: float = 1.25,
        *,
        scale: Sequence[float] = (0.7, 1.3),
        rotate_deg: float = 40.0,
        shift: float = 0.1,
        fill: float = GREY,
    ) -> None:
        self.size = check_size(size)
        self.padding = check_positive("padding", padding)
        self.scale = check_range("scale", scale, most=float("inf"))
        self.rotate_deg = check_strength("rotate_deg", rotate_deg, most=180)
        self.shift = check_strength("shift", shift, most=1)
        self.fill = check_strength("fill", fill, most=255)

    def __call__(self, sample: Sample, rng: np.random.Generator) -> Sample:
        picture = Picture(sample)
        sample = picture.place(sample)
        center, extent = _rectangle(sample, picture.size, self.padding)
        extent = extent / rng.uniform(*self.scale)
        center = center + extent.max() * rng.uniform(-self.shift, self.shift, size=2)
        angle = rng.uniform(-self.rotate_deg, self.rotate_deg)
        matrix = affine.crop_matrix(center, extent, self.size, rotation_deg=angle)
        return _warp(sample, _part(picture, matrix, self.size), matrix, self.size, self.fill)


@TRANSFORMS.register_module()
class Stretch(Transform):
    """Resize the whole image to the input's size, each axis scaled on its own; no box is used.

    Args:
        size: (width, height) of the result.

    Raises:
        ValueError: `size` is not two positive whole numbers.
    """

    def __init__(self, size: Sequence[int]) -> None:
        self.size = check_size(size)

    def __call__(self, sample: Sample, rng: np.random.Generator) -> Sample:
        size = size_of(sample)
        shrinks = size[0] >= self.size[0] and size[1] >= self.size[1]
        how = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
        image = np.asarray(cv2.resize(image_of(sample), self.size, interpolation=how), np.uint8)
        return _move(sample, image, affine.stretch_matrix(size, self.size))


@TRANSFORMS.register_module()
class Flip(Transform):
    """Mirror the picture and everyone in it, left joints becoming right ones.

    Args:
        skeleton: Name, fields or object; its pairs are swapped.
        probability: How often.

    Raises:
        ValueError: An argument is out of its range, or (when called) the sample has other
            keypoints than the skeleton.
    """

    def __init__(
        self, skeleton: str | Mapping[str, Any] | Skeleton, probability: float = 0.5
    ) -> None:
        self.skeleton = as_skeleton(skeleton)
        self.probability = check_probability(probability)
        self._order = self.skeleton.flip_indices

    def __call__(self, sample: Sample, rng: np.random.Generator) -> Sample:
        check_keypoints(sample, self.skeleton)
        if rng.random() >= self.probability:
            return sample
        moved = _mirror(sample)
        keypoints = moved["keypoints"][..., self._order, :]
        return {**moved, "keypoints": keypoints, "visible": moved["visible"][..., self._order]}


def _rectangle(sample: Sample, size: tuple[int, int], padding: float) -> tuple[Floats, Floats]:
    """Return the middle (2,) and the sides (2,) of the padded box in a picture of a size."""
    box = sample["box"]
    if not np.isfinite(box).all() or not boxes.overlaps_image(box, size):
        raise ValueError(
            f"the person's box {np.round(box, 1).tolist()} lies outside the image of "
            f"{size[0]} x {size[1]} pixels; correct the annotation or leave the person out"
        )
    return boxes.center_of(box).astype(np.float64), boxes.sides_of(box) * padding


def _whole(picture: Picture, matrix: Floats) -> Seen:
    source, reduction = picture.at(_scale_of(matrix))
    return source, affine.enlargement_matrix(reduction)


def _part(picture: Picture, matrix: Floats, size: tuple[int, int]) -> Seen:
    """Return what a crop shows of a picture, or more."""
    width, height = size
    corners = np.array([(0, 0), (width, 0), (0, height), (width, height)])
    return picture.part(_scale_of(matrix), affine.apply(affine.invert(matrix), corners))


def _scale_of(matrix: Floats) -> float:
    return float(np.hypot(*matrix[:, 0]))


def _warp(sample: Sample, seen: Seen, matrix: Floats, size: tuple[int, int], fill: float) -> Sample:
    source, place = seen
    warp = affine.compose(matrix, place)
    if "deferred" in sample:
        later = replace(sample["deferred"], size=size, warp=warp, fill=fill)
        return _move({**sample, "deferred": later}, source, matrix)
    return _move(sample, warp_image(source, warp, size, fill), matrix)


def _mirror(sample: Sample) -> Sample:
    image, matrix = image_of(sample), affine.mirror_matrix(size_of(sample)[0])
    if "deferred" in sample:
        return _move({**sample, "deferred": sample["deferred"].mirrored()}, image, matrix)
    return _move(sample, np.asarray(cv2.flip(image, 1), np.uint8), matrix)


def warp_image(
    image: NDArray[np.uint8], matrix: Floats, size: tuple[int, int], fill: float
) -> NDArray[np.uint8]:
    """Return a picture of (width, height) of an image, by the map from its pixels to those."""
    warped = cv2.warpAffine(
        image,
        matrix,
        size,
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=(fill, fill, fill),
    )
    return np.asarray(warped, np.uint8)


def _move(sample: Sample, image: NDArray[np.uint8], matrix: Floats) -> Sample:
    """Take a moved picture into the sample and move points, boxes, centre and map along."""
    moved: Sample = {
        **sample,
        "image": image,
        "keypoints": affine.apply(matrix, sample["keypoints"]).astype(np.float32),
        "box": _move_box(sample["box"], matrix),
        "center": affine.apply(matrix, sample["center"]).astype(np.float32),
        "matrix": affine.compose(matrix, sample["matrix"]),
    }
    if "ignored" in sample:
        moved["ignored"] = _move_box(sample["ignored"], matrix)
    return moved


def _move_box(box: Floats, matrix: Floats) -> Floats:
    """Return the upright boxes around the four moved corners of boxes (..., 4)."""
    middle = affine.apply(matrix, boxes.center_of(box))  # (..., 2)
    half = boxes.sides_of(box) / 2 @ np.abs(matrix[:, :2]).T  # (..., 2)
    return np.concatenate([middle - half, middle + half], axis=-1).astype(np.float32)
