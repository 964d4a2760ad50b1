"""All rules of the linter, in one table."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from poseforge.datasets.lint import (
    box_rules,
    duplicate_rules,
    image_rules,
    point_rules,
    pose_rules,
    skeleton_rules,
    swap_rules,
)
from poseforge.datasets.lint.finding import Fault, Severity
from poseforge.datasets.lint.material import Material

Located = tuple[int, Fault]  # which material, and the fault
Check = Callable[[Sequence[Material]], Iterable[Located]]


@dataclass(frozen=True)
class Rule:
    """One rule.

    Attributes:
        code: What it is selected by.
        severity: error: training or evaluation goes wrong; warning: very likely a mistake; info:
            worth knowing.
        title: What it finds.
        remedy: What to do about it.
        check: Finds the faults.
        reads_images: Whether every image must be read for it.
        fixable: Whether `--fix` mends it.
    """

    code: str
    severity: Severity
    title: str
    remedy: str
    check: Check
    reads_images: bool = False
    fixable: bool = False


def _each(check: Callable[[Material], Iterable[Fault]]) -> Check:
    """Let a rule about one material look at every one."""

    def check_all(materials: Sequence[Material]) -> Iterable[Located]:
        for number, material in enumerate(materials):
            for fault in check(material):
                yield number, fault

    return check_all


_TABLE = (
    Rule(
        "PF001", "error", "unreadable image",
        "copy or download the image again", _each(image_rules.unreadable), reads_images=True,
    ),
    Rule(
        "PF002", "error", "missing image",
        "name the images' folder with --images, or remove the entry",
        _each(image_rules.missing), reads_images=True,
    ),
    Rule(
        "PF003", "error", "image of another size than the file says",
        "the points belong to another version of the image: get that one, or scale them",
        _each(image_rules.other_size), reads_images=True,
    ),
    Rule(
        "PF004", "error", "annotation of an image that is not listed",
        "add the image's entry, or remove the annotation", _each(image_rules.unlisted),
    ),
    Rule(
        "PF101", "warning",
        f"labelled point more than {point_rules.IMAGE_TOLERANCE_PX:g} px outside the image",
        "label it anew, or mark it as not labelled",
        _each(point_rules.outside_image), reads_images=True,
    ),
    Rule(
        "PF102", "info",
        f"labelled point outside its box by more than {100 * point_rules.BOX_TOLERANCE:.0f} % of "
        "the longer side",
        "see whether the point or the box is wrong", _each(point_rules.outside_box),
    ),
    Rule(
        "PF103", "error", "flag other than 0, 1 and 2",
        "write 0 for not labelled, 1 for hidden, 2 for seen", _each(point_rules.strange_flag),
    ),
    Rule(
        "PF104", "info", "point with a place that is not labelled",
        "write 0, 0, 0", _each(point_rules.unlabelled_place), fixable=True,
    ),
    Rule(
        "PF105", "warning", "num_keypoints is not the number of labelled points",
        "count again", _each(point_rules.other_count), fixable=True,
    ),
    Rule(
        "PF106", "warning", "labelled point at exactly (0, 0)",
        "most likely it is not labelled: write flag 0", _each(point_rules.at_origin),
    ),
    Rule(
        "PF107", "error", "coordinate, flag or box that is not a number",
        "label it anew, or mark it as not labelled", _each(point_rules.not_a_number),
    ),
    Rule(
        "PF201", "warning", "left and right likely swapped",
        "look at the person and exchange the pairs that are named, or all the others",
        _each(swap_rules.swapped_sides),
    ),
    Rule(
        "PF202", "warning", "limb much too long for its person",
        "look at both ends of the limb", _each(pose_rules.long_limb),
    ),
    Rule(
        "PF203", "error", "all labelled points at one place",
        "label the person anew", _each(pose_rules.one_place),
    ),
    Rule(
        "PF204", "info", "two labelled points at exactly one place",
        "see whether one was clicked for the other", _each(pose_rules.same_place),
    ),
    Rule(
        "PF301", "warning", "person annotated twice",
        "remove one of the two", _each(duplicate_rules.duplicate_people),
    ),
    Rule(
        "PF302", "warning", "image that is there twice",
        "remove one, or keep both in the same split",
        _each(duplicate_rules.duplicate_images), reads_images=True,
    ),
    Rule(
        "PF303", "error", "validation or test image that is in the training set",
        "remove it from training", duplicate_rules.leakage, reads_images=True,
    ),
    Rule(
        "PF401", "error", "pairs that are not undone by mirroring twice",
        "give each keypoint one counterpart", _each(skeleton_rules.no_involution),
    ),
    Rule(
        "PF402", "warning", "left and right keypoints that are not a pair",
        "add the pair to the skeleton, or mend the name", _each(skeleton_rules.not_paired),
    ),
    Rule(
        "PF403", "error", "link to a keypoint that does not exist",
        "links count keypoints from 1", _each(skeleton_rules.strange_link),
    ),
    Rule(
        "PF501", "error",
        f"box that holds less than {100 * point_rules.HELD:.0f} % of its person's points",
        "see whether it is another person's box", _each(box_rules.other_persons_box),
    ),
    Rule(
        "PF502", "error", "box without width or height",
        "boxes are x, y, width, height", _each(box_rules.empty_box),
    ),
    Rule(
        "PF503", "warning",
        f"box more than {point_rules.IMAGE_TOLERANCE_PX:g} px beyond the image",
        "clip it, after seeing whether it belongs to this image",
        _each(box_rules.box_outside_image), reads_images=True,
    ),
    Rule(
        "PF504", "error", "id that is there twice",
        "give each person and each image an id of its own", _each(box_rules.repeated_id),
    ),
    Rule(
        "PF505", "error", "person with another number of keypoints",
        "write three numbers for each keypoint of the category",
        _each(box_rules.other_num_keypoints),
    ),
)  # fmt: skip
RULES: dict[str, Rule] = {rule.code: rule for rule in _TABLE}


def choose(select: Sequence[str] = (), ignore: Sequence[str] = ()) -> list[Rule]:
    """Return the rules whose code begins with one of `select`, and with none of `ignore`.

    Args:
        select: Codes or beginnings of codes, such as "PF1"; empty takes all.
        ignore: Likewise.

    Raises:
        ValueError: No rule begins like one of them.
    """
    for beginning in (*select, *ignore):
        if not any(code.startswith(beginning) for code in RULES):
            raise ValueError(
                f"there is no rule '{beginning}'; choose from {', '.join(RULES)}, or a beginning "
                "such as PF1"
            )
    return [
        rule
        for rule in RULES.values()
        if (not select or rule.code.startswith(tuple(select)))
        and not rule.code.startswith(tuple(ignore))
    ]


def rules_table() -> str:
    """Return all rules as a Markdown table."""
    lines = ["| code | severity | finds | what to do |", "|---|---|---|---|"]
    for rule in RULES.values():
        remedy = f"{rule.remedy} (`--fix` does)" if rule.fixable else rule.remedy
        lines.append(f"| {rule.code} | {rule.severity} | {rule.title} | {remedy} |")
    return "\n".join(lines) + "\n"
