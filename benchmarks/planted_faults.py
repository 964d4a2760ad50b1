"""Drawn people in a COCO file without a mistake, and one mistake for each rule of the linter.

`python -m benchmarks.planted_faults PICTURE.jpg` draws those that a picture can show.
"""

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from poseforge.datasets import SyntheticPeople
from poseforge.datasets.lint import Finding, Material, choose, lint, read_document
from poseforge.datasets.lint.drawing import draw_finding
from poseforge.formats.coco_category import OWN_KEY, category_of
from poseforge.structures import SKELETONS
from poseforge.visualization import save_image, sheet

PEOPLE = 110
SIZE = 160
WHO = 6  # the person with the fault, labelled all over and near the upper left corner
OTHER = 11
SIDEWAYS = 15  # somebody whose swapped legs can be told
FAR = 140, 20  # pixels, far from that person
SKELETON = SKELETONS["lsp14"]
SHOWN = ("PF102", "PF106", "PF201", "PF202", "PF203", "PF204", "PF501", "PF503")
Document = dict[str, Any]
Place = tuple[str | None, str | None]  # image and person of the expected finding
FILE = "people.json"


def write_clean(folder: Path) -> None:
    """Write images and a COCO file of drawn people without a mistake."""
    data = SyntheticPeople(PEOPLE, seed=3, size=SIZE)
    images, annotations = [], []
    for number in range(len(data)):
        sample = data[number]
        name = f"{number:03d}.png"
        cv2.imwrite(str(folder / name), cv2.cvtColor(sample["image"], cv2.COLOR_RGB2BGR))
        images.append({"id": number + 1, "file_name": name, "width": SIZE, "height": SIZE})
        low, high = np.clip(sample["box"].reshape(2, 2) + np.array([[-8], [8]]), 0, SIZE)
        points = np.column_stack([sample["keypoints"], sample["visible"]]).round(2)
        annotations.append(
            {
                "id": 1000 + number,
                "image_id": number + 1,
                "category_id": 1,
                "keypoints": points.ravel().tolist(),
                "num_keypoints": int((sample["visible"] > 0).sum()),
                "bbox": [*low.tolist(), *(high - low).tolist()],
                "iscrowd": 0,
            }
        )
    document = {
        "images": images,
        "annotations": annotations,
        "categories": [category_of(data.skeleton)],
    }
    (folder / FILE).write_text(json.dumps(document))


def lint_with(code: str | None, clean: Path, folder: Path) -> tuple[list[Finding], Place | None]:
    """Copy the clean people, plant the fault of a rule and lint with all rules.

    Returns:
        All findings, and what the one about the fault must be about; None without a fault.
    """
    materials, place = planted(code, clean, folder)
    return lint(materials, choose(), lambda *_: None)[1], place


def planted(code: str | None, clean: Path, folder: Path) -> tuple[list[Material], Place | None]:
    """Copy the clean people and plant the fault of a rule."""
    for path in clean.glob("*.png"):
        os.link(path, folder / path.name)
    document = json.loads((clean / FILE).read_text())
    place = PLANTS[code](document, folder) if code else None
    (folder / FILE).write_text(json.dumps(document))
    material = read_document(folder / FILE).material
    if code != "PF303":
        return [material], place
    (folder / "test").mkdir()
    shutil.copy(folder / "011.png", folder / "test" / "new.png")
    test = {
        "images": [{"id": 1, "file_name": "new.png", "width": SIZE, "height": SIZE}],
        "annotations": [{**document["annotations"][OTHER], "image_id": 1}],
        "categories": document["categories"],
    }
    (folder / "test" / FILE).write_text(json.dumps(test))
    held_out = read_document(folder / "test" / FILE).material
    return [replace(material, role="train"), replace(held_out, name="held", role="test")], place


def _image(document: Document, folder: Path) -> Path:
    """Return the file of the faulty image, cut off from the clean one."""
    path = folder / str(document["images"][WHO]["file_name"])
    content = path.read_bytes()
    path.unlink()
    path.write_bytes(content)
    return path


def _unreadable(document: Document, folder: Path) -> Place:
    path = _image(document, folder)
    path.write_bytes(path.read_bytes()[:2000])
    return path.name, None


def _missing(document: Document, folder: Path) -> Place:
    path = _image(document, folder)
    path.unlink()
    return path.name, None


def _other_size(document: Document, folder: Path) -> Place:
    document["images"][WHO]["width"] += 20
    return document["images"][WHO]["file_name"], None


def _twin_image(document: Document, folder: Path) -> Place:
    picture = cv2.imread(str(folder / document["images"][WHO]["file_name"]))
    smaller = cv2.resize(picture, (120, 120), interpolation=cv2.INTER_AREA)
    cv2.imwrite(str(folder / "twin.jpg"), smaller)
    document["images"].append({"id": 999, "file_name": "twin.jpg", "width": 120, "height": 120})
    return "twin.jpg", None


def _shared_image(document: Document, folder: Path) -> Place:
    return "new.png", None


def _of(change: Callable[[Document], None], who: int = WHO) -> Callable[[Document, Path], Place]:
    """Plant a fault in the annotation of one person."""

    def plant(document: Document, folder: Path) -> Place:
        row = document["annotations"][who]
        change(row)
        image = next((i for i in document["images"] if i["id"] == row["image_id"]), None)
        return image and image["file_name"], str(row["id"])

    return plant


def _in_category(change: Callable[[Document], None]) -> Callable[[Document, Path], Place]:
    """Plant a fault in the category."""

    def plant(document: Document, folder: Path) -> Place:
        change(document["categories"][0])
        return None, None

    return plant


def _set(joint: str, *values: float | None) -> Callable[[Document], None]:
    """Overwrite the first of a keypoint's x, y and flag."""

    def change(row: Document) -> None:
        start = 3 * SKELETON.index(joint)
        row["keypoints"][start : start + len(values)] = values

    return change


def _flag(row: Document) -> None:
    row["keypoints"][3 * SKELETON.index("left_wrist") + 2] = 3


def _unlabel(row: Document) -> None:
    row["keypoints"][3 * SKELETON.index("left_wrist") + 2] = 0
    row["num_keypoints"] -= 1


def _miscount(row: Document) -> None:
    row["num_keypoints"] += 1


def _swap_legs(row: Document) -> None:
    points = np.reshape(row["keypoints"], (-1, 3))
    for joint in ("hip", "knee", "ankle"):
        rows = SKELETON.indices((f"left_{joint}", f"right_{joint}"))
        points[rows] = points[rows[::-1]]
    row["keypoints"] = points.ravel().tolist()


def _stretch(row: Document) -> None:
    points = np.reshape(row["keypoints"], (-1, 3))
    points[SKELETON.index("left_wrist"), :2] = FAR
    row["keypoints"] = points.ravel().tolist()
    row["bbox"] = [0, 0, SIZE, SIZE]


def _collapse(row: Document) -> None:
    x, y, width, height = row["bbox"]
    row["keypoints"] = [x + width / 2, y + height / 2, 2] * SKELETON.num_keypoints


def _merge(row: Document) -> None:
    points = np.reshape(row["keypoints"], (-1, 3))
    points[SKELETON.index("left_wrist")] = points[SKELETON.index("left_hip")]
    row["keypoints"] = points.ravel().tolist()


def _twin(document: Document, folder: Path) -> Place:
    row = document["annotations"][WHO]
    moved = np.reshape(row["keypoints"], (-1, 3)) + np.array([1, 0, 0])
    document["annotations"].append({**row, "id": 5000, "keypoints": moved.ravel().tolist()})
    return document["images"][WHO]["file_name"], "5000"


def _same_id(document: Document, folder: Path) -> Place:
    document["annotations"][OTHER]["id"] = document["annotations"][WHO]["id"]
    return document["images"][OTHER]["file_name"], str(document["annotations"][WHO]["id"])


def _flip_back_and_forth(category: Document) -> None:
    category["flip_idx"] = [*SKELETON.flip_indices.tolist()[:-2], 13, 13]


def _misspell(category: Document) -> None:
    del category[OWN_KEY]
    category["keypoints"][SKELETON.index("left_knee")] = "left_kne"
    category["keypoints"][SKELETON.index("right_knee")] = "knee"


def _shorten_box(row: Document) -> None:
    row["bbox"][3] *= 0.75


def _narrow_box(row: Document) -> None:
    row["bbox"] = [SIZE - 20, SIZE - 20, 20, 20]


def _turn_box(row: Document) -> None:
    row["bbox"][2] *= -1


def _widen_box(row: Document) -> None:
    row["bbox"][2] += SIZE


def _cut_keypoints(row: Document) -> None:
    del row["keypoints"][-3:]


PLANTS: dict[str, Callable[[Document, Path], Place]] = {
    "PF001": _unreadable,
    "PF002": _missing,
    "PF003": _other_size,
    "PF004": _of(lambda row: row.update(image_id=9999)),
    "PF101": _of(_set("head_top", 50, -3)),
    "PF102": _of(_shorten_box),
    "PF103": _of(_flag),
    "PF104": _of(_unlabel),
    "PF105": _of(_miscount),
    "PF106": _of(_set("head_top", 0, 0)),
    "PF107": _of(_set("left_wrist", None)),
    "PF201": _of(_swap_legs, SIDEWAYS),
    "PF202": _of(_stretch),
    "PF203": _of(_collapse),
    "PF204": _of(_merge),
    "PF301": _twin,
    "PF302": _twin_image,
    "PF303": _shared_image,
    "PF401": _in_category(_flip_back_and_forth),
    "PF402": _in_category(_misspell),
    "PF403": _in_category(lambda category: category["skeleton"].append([1, 99])),
    "PF501": _of(_narrow_box),
    "PF502": _of(_turn_box),
    "PF503": _of(_widen_box),
    "PF504": _same_id,
    "PF505": _of(_cut_keypoints),
}


def picture(path: Path) -> None:
    """Draw the planted faults that a picture can show, with their codes."""
    cells = []
    with tempfile.TemporaryDirectory() as root:
        clean = Path(root) / "clean"
        clean.mkdir()
        write_clean(clean)
        for code in SHOWN:
            folder = Path(root) / code
            folder.mkdir()
            materials, _ = planted(code, clean, folder)
            looked_at, findings = lint(materials, choose([code]), lambda *_: None)
            by_name = {material.name: material for material in looked_at}
            cell = draw_finding(findings[0], by_name[findings[0].dataset], title=code)
            if cell is not None:
                cells.append(cell)
    save_image(path, sheet(cells, 4, cell_size=(220, 236)))


if __name__ == "__main__":
    picture(Path(sys.argv[1]))
