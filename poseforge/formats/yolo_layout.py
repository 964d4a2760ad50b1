"""Where a YOLO data set keeps its images and labels."""

from pathlib import Path

from poseforge.formats.yolo_settings import Settings

IMAGE_ENDINGS = (".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff")


def find_yaml(source: Path) -> Path:
    """Return the YAML file that `source` is, or that is the only one in that folder.

    Raises:
        FileNotFoundError: There is none, or more than one.
    """
    if source.is_file():
        return source
    found = sorted([*source.glob("*.yaml"), *source.glob("*.yml")])
    if len(found) != 1:
        raise FileNotFoundError(
            f"{source} has {len(found)} YAML files; give the path of the data set's one"
        )
    return found[0]


def find_images(root: Path, settings: Settings, split: str) -> list[Path]:
    """Return the images of a split: of a folder and those in it, of a list, or of several.

    Raises:
        FileNotFoundError: The split, its folder or list is not there.
    """
    if not settings.splits.get(split):
        known = ", ".join(name for name, places in settings.splits.items() if places)
        raise FileNotFoundError(
            f"{settings.file} has no images for split '{split}'; it has {known or 'none'}"
        )
    images: list[Path] = []
    for place in settings.splits[split]:
        path = root / place
        if not path.exists() and place.startswith("../"):
            # Roboflow writes ../train/images for train/images, and Ultralytics bears with it.
            path = root / place.removeprefix("../")
        if path.is_dir():
            files = (file for file in path.rglob("*") if file.suffix.lower() in IMAGE_ENDINGS)
            images += sorted(files)
        elif path.is_file():
            lines = path.read_text(encoding="utf-8").split("\n")
            images += [path.parent / line.strip() for line in lines if line.strip()]
        else:
            raise FileNotFoundError(
                f"{settings.file} names {path} for split '{split}', which does not exist; mend "
                "'path' in it, which counts from its own folder"
            )
    return images


def label_file(image: Path) -> Path:
    """Return where an image's labels are: under `labels` instead of the last `images`."""
    parts = list(image.with_suffix(".txt").parts)
    for number in reversed(range(len(parts) - 1)):
        if parts[number] == "images":
            parts[number] = "labels"
            break
    return Path(*parts)
