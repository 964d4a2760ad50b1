"""Pictures of predictions, a file an image."""

from pathlib import Path

from poseforge.inference.poses import ImagePoses
from poseforge.structures import Skeleton
from poseforge.transforms import read_image
from poseforge.visualization import draw_skeleton, save_image


class Drawer:
    """Draws everyone's skeleton on an image that was read from a file.

    Args:
        folder: Where pictures go, in folders as the images lie in, as .jpg.
        skeleton: What the keypoints are.
    """

    def __init__(self, folder: Path, skeleton: Skeleton) -> None:
        self.folder = folder
        self.skeleton = skeleton

    def __call__(self, poses: ImagePoses) -> None:
        """Draw an image's poses; one that could not be read has no picture.

        Raises:
            OSError: The picture cannot be written.
        """
        if poses.path is None or poses.error is not None:
            return
        picture = read_image(poses.path)
        for keypoints, scores in zip(poses.keypoints, poses.scores, strict=True):
            picture = draw_skeleton(picture, keypoints, self.skeleton, scores=scores)
        path = Path(poses.path)
        # ".." would lead out of the folder.
        below = [part for part in path.parts if part not in (path.anchor, "..")]
        save_image(self.folder.joinpath(*below).with_suffix(".jpg"), picture)
