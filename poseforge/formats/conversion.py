"""Importers and exporters of annotations, by the name of the tool or format.

Any importer followed by any exporter is a conversion.
"""

from collections.abc import Callable

from poseforge.formats.annotations import Annotations
from poseforge.formats.coco import read_coco
from poseforge.formats.coco_writing import write_coco
from poseforge.formats.cvat import read_cvat
from poseforge.formats.deeplabcut import read_deeplabcut
from poseforge.formats.label_studio import read_label_studio
from poseforge.formats.yolo import read_yolo
from poseforge.formats.yolo_writing import write_yolo

# Each is called with the path of a file or folder; all take `skeleton`, all but yolo `image_root`,
# and yolo `split`.
IMPORTERS: dict[str, Callable[..., Annotations]] = {
    "coco": read_coco,
    "yolo": read_yolo,
    "cvat": read_cvat,
    "label-studio": read_label_studio,
    "deeplabcut": read_deeplabcut,
}

# Each is called with annotations and where to write: a file for coco, a folder for yolo, which
# takes `split`.
EXPORTERS: dict[str, Callable[..., None]] = {"coco": write_coco, "yolo": write_yolo}
