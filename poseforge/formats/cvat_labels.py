"""The skeletons that a CVAT file describes in its <meta>."""

from dataclasses import dataclass
from xml.etree import ElementTree

from poseforge.formats.safe_xml import parse_xml
from poseforge.structures.skeleton import Pair


@dataclass(frozen=True)
class SkeletonLabel:
    """A label whose shapes are skeletons.

    Attributes:
        name: The label.
        keypoints: The labels of its points, in order; empty where the file does not tell.
        links: The edges of its drawing.
    """

    name: str
    keypoints: tuple[str, ...] = ()
    links: tuple[Pair, ...] = ()


def skeleton_labels(document: ElementTree.Element) -> list[SkeletonLabel]:
    """Return the skeletons of a CVAT file; the labels of a project, a task or a job are alike.

    Raises:
        ValueError: The drawing of a skeleton is damaged.
    """
    labels = document.findall("./meta//label")
    skeletons = []
    for label in labels:
        if label.findtext("type") != "skeleton":
            continue
        name = label.findtext("name", "")
        points = [part for part in labels if part.findtext("parent") == name]
        keypoints = tuple(part.findtext("name", "") for part in points)
        links = _links(label.findtext("svg") or "", keypoints)
        skeletons.append(SkeletonLabel(name, keypoints, links))
    return skeletons


def _links(drawing: str, keypoints: tuple[str, ...]) -> tuple[Pair, ...]:
    """Return the lines of a drawing whose circles are the keypoints."""
    svg = parse_xml(f"<svg>{drawing}</svg>")
    nodes = {circle.get("data-node-id"): circle.get("data-label-name") for circle in svg.iter()}
    links = []
    for line in svg.iter("line"):
        ends = [nodes.get(line.get(f"data-node-{end}")) for end in ("from", "to")]
        if not all(end in keypoints for end in ends):
            raise ValueError(
                f"the drawing of a skeleton links {ends[0]} and {ends[1]}, but its points are "
                f"{', '.join(keypoints)}; mend the label in CVAT and export again"
            )
        links.append((str(ends[0]), str(ends[1])))
    return tuple(links)
