"""From an image and boxes to what the model is given, as in validation."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from poseforge.inference.checkpoint_model import CheckpointModel
from poseforge.structures import Sample, boxes
from poseforge.structures.affine import Floats
from poseforge.transforms import BadImageError, Pack, PackedSample, open_image
from poseforge.transforms.io import ImageFile

Image: TypeAlias = NDArray[np.uint8]
BoxesOf: TypeAlias = Callable[[str], Any]
FIRST_FRAME = "it has several frames, of which the first was taken"


@dataclass
class Crops:
    """An image's people, ready for the model.

    Attributes:
        path: Where the image was read from, if it was.
        samples: One a person, or one of the whole image.
        boxes: (len(samples), 4) image pixels.
        error: Why there is none; None where all went well.
        note: What is to know about the image.
    """

    path: str | None
    samples: list[PackedSample] = field(default_factory=list)
    boxes: Floats = field(default_factory=lambda: np.empty((0, 4), np.float32))
    error: str | None = None
    note: str | None = None


class Cropper:
    """Reads images and cuts people out, the same way as validation does.

    Args:
        model: Whose crops.

    Attributes:
        uses_boxes: Whether a crop depends on a box; else each image is one crop.
    """

    def __init__(self, model: CheckpointModel) -> None:
        self.transforms = model.transforms
        self.of_scenes = model.estimator.of_scenes
        self.num_keypoints = model.estimator.skeleton.num_keypoints
        self._pack = Pack()
        blank = np.zeros((64, 64, 3), np.uint8)
        corners = [np.array(box, np.float32) for box in ((0, 0, 31, 31), (32, 32, 63, 63))]
        maps = [self.crop(blank, box)["matrix"] for box in corners]
        self.uses_boxes = not self.of_scenes and not np.array_equal(maps[0], maps[1])

    def crop(self, source: "str | Image", box: Floats | None) -> PackedSample:
        """Return one person, or without a box the whole image, as the model sees it.

        Args:
            source: A path, or (H, W, 3) uint8 RGB.
            box: (4,) image pixels.

        Raises:
            ValueError: The file is no image, or the box is outside of it or has no size.
        """
        people = (0,) if self.of_scenes else ()
        sample: Sample = {
            "keypoints": np.zeros((*people, self.num_keypoints, 2), np.float32),
            "visible": np.zeros((*people, self.num_keypoints), np.float32),
        }
        if isinstance(source, str):
            sample["image_path"] = source
        else:
            sample["image"] = source
        if self.of_scenes:
            sample["ignored"] = np.zeros((0, 4), np.float32)
        if box is not None:
            sample["box"] = box
        rng = np.random.default_rng(0)  # validation draws nothing from it
        for transform in self.transforms:
            sample = transform(sample, rng)
        return self._pack(sample)

    def __call__(self, source: "str | Image", given: "Any | BoxesOf") -> Crops:
        """Read an image and cut its people out.

        Args:
            source: A path, or (H, W, 3) uint8 RGB.
            given: Boxes (P, 4) image pixels, a function of the path that returns them, or None for
                the whole image as one person.

        Raises:
            FileNotFoundError: There is no such file.
            ValueError: The file is no image, or the boxes are no boxes in it.
        """
        path = source if isinstance(source, str) else None
        name = path or "the image"
        if callable(given):
            if path is None:
                raise ValueError("boxes by path are for files; give an array's boxes themselves")
            given = given(path)
        wanted = None if given is None else as_boxes(given, name)
        note = None
        if isinstance(source, str):
            file = _open(source)
            size = file.size
            note = FIRST_FRAME if file.is_animated else None
        else:
            source = as_image(source)
            size = source.shape[1], source.shape[0]
        if min(size) < 2:
            raise ValueError(
                f"{name} has {size[0]} x {size[1]} pixels, which show nobody; give an image of "
                "2 x 2 or more"
            )
        if wanted is None:
            whole = boxes.box_of_image(size)[None]
            return Crops(path, [self.crop(source, None)], whole, note=note)
        try:
            return Crops(path, [self.crop(source, box) for box in wanted], wanted, note=note)
        except BadImageError:
            raise
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from error


def _open(path: str) -> ImageFile:
    try:
        return open_image(path)
    except FileNotFoundError as error:
        raise FileNotFoundError(f"there is no image '{path}'; check the path") from error


def as_image(image: Any) -> Image:
    """Return an array if it is an image.

    Raises:
        ValueError: It is not (H, W, 3) uint8, or empty.
    """
    found = np.asarray(image)
    if found.ndim != 3 or found.shape[2] != 3 or found.dtype != np.uint8 or not found.size:
        raise ValueError(
            f"an array {found.shape} of {found.dtype} is no image; give (H, W, 3) uint8 RGB"
        )
    return found


def as_boxes(given: Sequence[Sequence[float]] | Floats, name: str) -> Floats:
    """Return boxes as (P, 4) float32.

    Raises:
        ValueError: They are of another shape, not numbers, or a side is not positive.
    """
    try:
        found = np.asarray(given, np.float32)
        shape = f"of shape {found.shape}"
    except (ValueError, TypeError):
        found = np.zeros((), np.float32)
        shape = "no table of numbers"
    if found.shape in ((0,), (0, 4)):
        return np.empty((0, 4), np.float32)
    if found.ndim != 2 or found.shape[1] != 4:
        raise ValueError(
            f"the boxes of {name} are {shape}; give (P, 4), a row x1, y1, x2, y2 in pixels a person"
        )
    wrong = ~(np.isfinite(found).all(axis=1) & (boxes.sides_of(found) > 0).all(axis=1))
    if wrong.any():
        raise ValueError(
            f"the box {found[wrong][0].tolist()} of {name} has no width or height; give "
            "x1, y1, x2, y2 in pixels with x1 < x2 and y1 < y2"
        )
    return found
