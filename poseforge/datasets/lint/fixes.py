"""Mending an annotation file where nothing can be lost."""

import copy
from collections.abc import Sequence
from typing import Any

from poseforge.datasets.lint.coco_document import Document
from poseforge.datasets.lint.finding import Finding
from poseforge.datasets.lint.rules import RULES


def fix(document: Document, findings: Sequence[Finding]) -> tuple[dict[str, Any], int]:
    """Return the file's content with the fixable findings mended, and how many those are.

    Points that are not labelled become 0, 0, 0, which is how COCO writes them, and num_keypoints
    becomes the number of labelled points. All else stays as it is.
    """
    content = copy.deepcopy(document.content)
    mended = [finding for finding in findings if RULES[finding.code].fixable]
    for finding in mended:
        row = finding.fault.person
        if row is None:
            continue
        annotation = content["annotations"][document.rows[row]]
        if finding.code == "PF105":
            annotation["num_keypoints"] = int((document.material.flags[row] > 0).sum())
        elif finding.joint is not None:
            start = 3 * document.material.skeleton.index(finding.joint)
            annotation["keypoints"][start : start + 3] = [0, 0, 0]
    return content, len(mended)
