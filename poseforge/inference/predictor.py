"""Poses from images with one checkpoint file."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import chain, repeat, zip_longest
from pathlib import Path
from typing import Any, Literal, TypeAlias, cast

import numpy as np
import torch

from poseforge.datasets.loading import collate
from poseforge.inference.checkpoint_model import load_model
from poseforge.inference.crops import BoxesOf, Cropper, Crops, Image
from poseforge.inference.folding import fold_batch_norms
from poseforge.inference.listing import is_image_file, list_images
from poseforge.inference.poses import ImagePoses
from poseforge.inference.reading_ahead import map_ahead
from poseforge.inference.shipped import shipped_model
from poseforge.models.device import DTYPES, Amp, autocast, choose_device, to_device
from poseforge.structures import Batch, Prediction, Skeleton
from poseforge.structures.affine import Floats
from poseforge.structures.boxes import box_of_points
from poseforge.transforms import PackedSample

Source: TypeAlias = str | Path | Image
Pose: TypeAlias = tuple[Floats, Floats]


class Predictor:
    """Predicts poses in images, people of different images in one batch.

    What an image goes through before the model is what the checkpoint's config says for testing, so
    that the poses are those of `tools/test.py`. The model is changed for speed and not for results:
    batch normalisation is folded into the convolutions, and features lie channels-last.

    Args:
        checkpoint: A file that tools/train.py or `poseforge publish` has written; None is the model
            that ships with PoseForge.
        device: "cpu", "cuda" or "cuda:N"; None is a GPU where there is one.
        batch_size: People (or scenes) the model sees at once.
        amp: Mixed precision, "bf16" or "fp16". On a CPU without instructions for it, it is slow.
        flip: Average with the mirrored picture's prediction, in one batch with the plain one.
        compile: Compile the model at the first batch, which takes up to minutes; later ones are
            faster.
        workers: Threads that read and crop ahead; 0 reads when a result is asked for, with nothing
            ahead, as for a camera.

    Attributes:
        skeleton: What the keypoints are.
        device: Where the model is.
        uses_boxes: Whether it looks at one person's box at a time, and not at whole images.

    Raises:
        FileNotFoundError: No model ships with this version, and none was named.
        CheckpointError: The checkpoint is not there, broken, refused, or not enough to predict.
        ValueError: An argument is not allowed.
    """

    def __init__(
        self,
        checkpoint: str | Path | None = None,
        *,
        device: str | None = None,
        batch_size: int = 16,
        amp: Amp | None = None,
        flip: bool = False,
        compile: bool = False,
        workers: int = 2,
    ) -> None:
        if batch_size < 1 or workers < 0 or amp not in (None, *DTYPES):
            raise ValueError(
                f"batch_size={batch_size}, workers={workers} and amp={amp!r}; give 1 or more, 0 or "
                "more, and 'bf16', 'fp16' or None"
            )
        self.device = choose_device(device)
        self.batch_size, self.workers, self.amp, self.compile = batch_size, workers, amp, compile
        model = load_model(checkpoint or shipped_model())
        self._crop = Cropper(model)
        self.uses_boxes = self._crop.uses_boxes
        self._estimator = model.estimator.to(self.device).requires_grad_(False)
        self._estimator.flip_test = flip
        self.skeleton: Skeleton = self._estimator.skeleton
        fold_batch_norms(self._estimator, self._batch([self._blank()]))
        self._estimator.to(memory_format=torch.channels_last)
        self._predict: Callable[[Batch, Literal["predict"]], Prediction] = self._estimator
        if compile:
            # Weights become constants of the compiled code, laid out as its convolutions want them.
            self._predict = torch.compile(
                self._estimator,
                dynamic=False,
                options={"freezing": True} if self.device.type == "cpu" else {},
            )

    def __call__(
        self,
        images: Source | Iterable[Source],
        boxes: Any | Iterable[Any] | BoxesOf | None = None,
        *,
        keep_going: bool = False,
    ) -> Iterator[ImagePoses]:
        """Give the poses of image after image, in order, as they are predicted.

        A whole batch of people is read before its first poses are given, and no more than a few
        images beyond, so that inputs may be endless.

        Args:
            images: A file, folder or pattern (see `list_images`), an array (H, W, 3) uint8 RGB, or
                any number of these.
            boxes: (P, 4) x1, y1, x2, y2, image pixels, of one image's people; as many of these as
                images, None being the whole image; or a function of an image's path that returns
                them. Without, the whole image is one person, or a model of scenes finds everyone.
            keep_going: Give an image that cannot be predicted with its `error` instead of raising.

        Raises:
            FileNotFoundError: There is no such file (raised when it is reached, as are the others).
            ValueError: A file is no image, boxes are no boxes in it, or the model uses none.
        """
        if boxes is not None and not self.uses_boxes:
            raise ValueError(
                f"this {type(self._estimator).__name__} looks at whole images, so boxes mean "
                "nothing to it; leave them out"
            )
        prepare = partial(_prepare, self._crop, keep_going)
        return self._stream(map_ahead(prepare, _pairs(images, boxes), self.workers))

    def warm_up(self) -> None:
        """Predict a made-up batch, so that the first real one finds everything ready."""
        self._run([self._blank()] * self.batch_size)

    def _stream(self, prepared: Iterator[Crops]) -> Iterator[ImagePoses]:
        people: list[PackedSample] = []  # that wait for a batch to be full
        images: deque[tuple[Crops, int]] = deque()  # that wait for their people, and how many
        poses: deque[Pose] = deque()  # of the waiting images' people, in order
        for crops in prepared:
            images.append((crops, len(crops.samples)))
            people += crops.samples
            crops.samples = []
            while len(people) >= self.batch_size:
                poses += self._run(people[: self.batch_size])
                del people[: self.batch_size]
            yield from self._finished(images, poses)
        if people:
            poses += self._run(people)
        yield from self._finished(images, poses)

    def _finished(
        self, images: deque[tuple[Crops, int]], poses: deque[Pose]
    ) -> Iterator[ImagePoses]:
        while images and images[0][1] <= len(poses):
            crops, count = images.popleft()
            yield self._image_poses(crops, [poses.popleft() for _ in range(count)])

    def _image_poses(self, crops: Crops, poses: Sequence[Pose]) -> ImagePoses:
        if self._crop.of_scenes and poses:
            ((keypoints, scores),) = poses  # of everyone, and rows of nobody
            found = (scores > 0).any(axis=-1)
            keypoints, scores = keypoints[found], scores[found]
            boxes = box_of_points(keypoints, scores)
            return ImagePoses(crops.path, keypoints, scores, boxes, note=crops.note)
        shape = len(poses), self.skeleton.num_keypoints
        return ImagePoses(
            crops.path,
            np.array([keypoints for keypoints, _ in poses], np.float32).reshape(*shape, 2),
            np.array([scores for _, scores in poses], np.float32).reshape(shape),
            crops.boxes,
            crops.error,
            crops.note,
        )

    def _blank(self) -> PackedSample:
        return self._crop.crop(np.zeros((64, 64, 3), np.uint8), None)

    def _batch(self, people: Sequence[PackedSample]) -> Batch:
        batch = collate([{"arrays": arrays, "index": 0} for arrays in people])
        return to_device(batch, self.device, channels_last=True)

    @torch.inference_mode()
    def _run(self, people: list[PackedSample]) -> list[Pose]:
        count = len(people)
        if self.compile:  # compiled code is for one size
            people = people + people[-1:] * (self.batch_size - count)
        with autocast(self.device.type, self.amp):
            prediction = self._predict(self._batch(people), "predict")
        keypoints, scores = (
            prediction[key].float().cpu().numpy()[:count] for key in ("keypoints", "scores")
        )
        return list(zip(keypoints, scores, strict=True))


def _prepare(crop: Cropper, keep_going: bool, pair: tuple[str | Image, Any]) -> Crops:
    source, boxes = pair
    try:
        return crop(source, boxes)
    except Exception as error:  # whatever is wrong with one image, the others are predicted
        if not keep_going:
            raise
        sentence = " ".join(str(error).split())
        if not isinstance(error, ValueError | OSError):  # one that was not foreseen
            sentence = f"{type(error).__name__}: {sentence}"
        return Crops(source if isinstance(source, str) else None, error=sentence)


def _pairs(images: Source | Iterable[Source], boxes: Any) -> Iterator[tuple[str | Image, Any]]:
    """Give images, folders and patterns taken apart, each with its boxes."""
    alone = isinstance(images, str | Path | np.ndarray)
    sources = _flat([images] if alone else images)  # type: ignore[list-item, arg-type]
    if boxes is None or callable(boxes):
        yield from zip(sources, repeat(boxes))
        return
    is_one = isinstance(images, np.ndarray) or (alone and is_image_file(str(images)))
    ends = object()
    for source, given in zip_longest(sources, [boxes] if is_one else boxes, fillvalue=ends):
        if source is ends or given is ends:
            raise ValueError(
                "there are not as many sets of boxes as images; give one for each image, None "
                "being the whole of it"
            )
        yield cast(str | Image, source), given


def _flat(images: Iterable[Source]) -> Iterator[str | Image]:
    return chain.from_iterable(
        list_images([image]) if isinstance(image, str | Path) else [image] for image in images
    )
