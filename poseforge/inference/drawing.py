"""Pictures of predictions, a file an image."""

from pathlib import Path

from poseforge.inference.poses import ImagePoses
from poseforge.structures import Sample, Skeleton, affine
from poseforge.transforms.io import Picture
from poseforge.visualization import draw_skeleton, save_image

LONGEST = 4096  # pixels of a picture's longer side; JPEGs that are larger are read reduced


def draw_poses(poses: ImagePoses, skeleton: Skeleton, path: Path) -> bool:
    """Draw everyone's skeleton on an image that was read from a file.

    Args:
        poses: Of the image.
        skeleton: What the keypoints are.
        path: Where the picture goes.

    Returns:
        Whether there is a picture; of an image that could not be read there is none.

    Raises:
        OSError: The picture cannot be written.
        ValueError: It would take the image's own place.
    """
    if poses.path is None or poses.error is not None:
        return False
    if path.exists() and path.samefile(poses.path):
        raise ValueError(f"the drawing would replace the image '{path}'; name another folder")
    sample: Sample = {"image_path": poses.path}
    whole = Picture(sample)
    picture, reduction = whole.at(min(1.0, LONGEST / max(whole.size)))
    to_picture = affine.invert(affine.enlargement_matrix(reduction))
    for keypoints, scores in zip(poses.keypoints, poses.scores, strict=True):
        points = affine.apply(to_picture, keypoints)
        picture = draw_skeleton(picture, points, skeleton, scores=scores)
    save_image(path, picture)
    return True


def path_below(folder: Path, image: str) -> Path:
    """Return where an image's drawing goes: in folders as the image lies in, as .jpg."""
    path = Path(image)
    # ".." would lead out of the folder.
    below = [part for part in path.parts if part not in (path.anchor, "..")]
    return folder.joinpath(*below).with_suffix(".jpg")
