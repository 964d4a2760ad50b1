"""Looking for mistakes in annotations and images: `poseforge data lint`."""

from poseforge.datasets.lint.coco_document import Document, read_document
from poseforge.datasets.lint.finding import SEVERITIES, Finding, Severity
from poseforge.datasets.lint.linting import count, lint
from poseforge.datasets.lint.material import Material, material_of
from poseforge.datasets.lint.rules import RULES, Rule, choose, rules_table

__all__ = [
    "RULES",
    "SEVERITIES",
    "Document",
    "Finding",
    "Material",
    "Rule",
    "Severity",
    "choose",
    "count",
    "lint",
    "material_of",
    "read_document",
    "rules_table",
]
