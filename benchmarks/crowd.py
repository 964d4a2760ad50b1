"""Made-up images with people in boxes, the same for every side of a comparison of predictors."""

from pathlib import Path
from typing import TypedDict

import cv2
import numpy as np

INPUT_SIZE = (192, 256)  # (width, height) of the network's input, pixels
PADDING = 1.25


class Crowd(TypedDict):
    """An image and where its people are."""

    image: np.ndarray  # (H, W, 3) uint8 RGB
    boxes: np.ndarray  # (P, 4) float32 x1, y1, x2, y2, pixels


def crowd(people: int) -> Crowd:
    """Return a blurred noise image of 1280 x 720 and boxes at random places in it."""
    rng = np.random.default_rng(people)
    image = rng.integers(256, size=(720, 1280, 3), dtype=np.uint8)
    image = cv2.normalize(cv2.GaussianBlur(image, (0, 0), 4), None, 0, 255, cv2.NORM_MINMAX)
    corners = rng.uniform((0, 0), (1080, 420), size=(people, 2))
    sides = rng.uniform((60, 120), (190, 290), size=(people, 2))
    return {"image": image, "boxes": np.hstack([corners, corners + sides]).astype(np.float32)}


def read_for_opencv(path: Path) -> dict[str, np.ndarray]:
    """Read a crowd's file as MMPose takes it: `bgr` as OpenCV reads images, and `boxes`."""
    with np.load(path) as file:
        return {"bgr": np.ascontiguousarray(file["image"][..., ::-1]), "boxes": file["boxes"]}


def pixel_sizes(boxes: np.ndarray) -> np.ndarray:
    """Return how many image pixels a pixel of the network's input is, (P,)."""
    sides = (boxes[:, 2:] - boxes[:, :2]).astype(np.float64) * PADDING
    return (sides / INPUT_SIZE).max(axis=1)
