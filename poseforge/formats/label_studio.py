"""Label Studio's JSON export: https://labelstud.io/guide/task_format.

Coordinates are per cent of the image's sides, and become pixels as in Label Studio's own COCO
export. It measures from the corner of the image, so that they may be half a pixel larger than
those of tools that count pixels.
"""

from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from poseforge.formats.annotations import Annotations
from poseforge.formats.gathering import Person, gather, images_of, skeleton_of_labels
from poseforge.formats.label_studio_people import image_size, people_of_task
from poseforge.formats.reading import blaming, read_json
from poseforge.structures import Skeleton

Task = Mapping[str, Any]
IMAGE_ENDINGS = (".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff", ".gif")


def read_label_studio(
    source: Path, *, image_root: Path | None = None, skeleton: Skeleton | None = None
) -> Annotations:
    """Read people from a Label Studio export in the format "JSON".

    A rectangle is a person. A keypoint belongs to the rectangle that it is a part of (`parentID`)
    or related to, else to the one rectangle that holds it. Keypoints that are related to each
    other without a rectangle are a person, and in an image without rectangles and relations all
    keypoints are one. Every keypoint counts as seen. Other regions are left out.

    Args:
        source: The JSON file.
        image_root: The folder that holds the images: by name those that were uploaded or linked,
            by their path in the storage those of local storage; None for the file's folder.
        skeleton: What the keypoints are; None for the labels in the order of their first use, or
            for the known skeleton that has the same.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: The file is damaged, of another kind, or its people cannot be told apart.
    """
    source = Path(source)
    tasks = read_json(source)
    root = source.parent if image_root is None else Path(image_root)
    with blaming(source):
        if not isinstance(tasks, list) or not all(_is_task(task) for task in tasks):
            raise ValueError(
                "it is not a Label Studio export with annotations; export the project as 'JSON', "
                "not as 'JSON-MIN'"
            )
        names = [str(task.get("id", number)) for number, task in enumerate(tasks)]
        paths, sizes, people = [], [], list[Person]()
        for number, (name, task) in enumerate(zip(names, tasks, strict=True)):
            with blaming(f"task {name}"):
                regions = _regions(task)
                paths.append(root / _image(task["data"]))
                sizes.append(image_size(regions))
                people += people_of_task(number, regions)
        labels = list(dict.fromkeys(label for person in people for label in person.points))
        used = skeleton_of_labels(labels, skeleton, name="person")
        return gather(used, images_of(names, paths, sizes), people)


def _is_task(task: Any) -> bool:
    return (
        isinstance(task, dict)
        and isinstance(task.get("data"), dict)
        and _is_list_of_dicts(task.get("annotations"))
        and all(_is_list_of_dicts(one.get("result") or []) for one in task["annotations"])
    )


def _is_list_of_dicts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, dict) for item in value)


def _regions(task: Task) -> list[Mapping[str, Any]]:
    done = [one for one in task["annotations"] if not one.get("was_cancelled")]
    if len(done) > 1:
        raise ValueError(
            f"it has {len(done)} annotations; an image is read once, so delete all but one"
        )
    return done[0].get("result") or [] if done else []


def _image(data: Mapping[str, Any]) -> PurePosixPath:
    """Return the path of a task's image, relative to where the images are."""
    files = [path for value in data.values() if isinstance(value, str) and (path := _path(value))]
    if len(files) != 1:
        raise ValueError(f"its data names {len(files)} images; a task must have one")
    return files[0]


def _path(value: str) -> PurePosixPath | None:
    parts = urlsplit(value)
    stored = parse_qs(parts.query).get("d")  # /data/local-files/?d=folder/image.jpg
    path = PurePosixPath(stored[0]) if stored else PurePosixPath(unquote(parts.path)).name
    path = PurePosixPath(path)
    return path if path.suffix.lower() in IMAGE_ENDINGS else None
