"""Confidence maps and part affinity fields: all people of an image at once."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor

from poseforge.codecs.base import Codec, Targets
from poseforge.codecs.fields_decoding import Edge, Grouping
from poseforge.codecs.fields_encoding import (
    boxes_of_people,
    fields_of_people,
    in_any_of,
    inside_boxes,
    maps_of_people,
    smallest_box,
)
from poseforge.codecs.gaussian import cell_centers
from poseforge.codecs.labels import labelled_points
from poseforge.codecs.rows import take_rows
from poseforge.codecs.unscaling import unscaled
from poseforge.registry import CODECS
from poseforge.structures import Skeleton, as_skeleton
from poseforge.structures.skeleton import Limb

KNOWN = 0.01  # where a map is higher, a labelled person's part is known to be


@CODECS.register_module()
@dataclass(frozen=True)
class PartFields(Grouping, Codec):
    """A map for each part of bodies, and for each limb a field of its direction.

    A confidence map is the maximum over the people of Gaussians with peak 1. A field is, within
    `width_px` of a limb, the unit vector from its start to its end, the mean of the people's where
    they overlap, and 0 elsewhere. A limb of which an end is not labelled gives nothing. Cao et al.,
    CVPR 2017, https://arxiv.org/abs/1611.08050; their Gaussian exp(-d²/σ²) has `sigma_px` σ/√2.

    Parts are the skeleton's keypoints and the middles of two that a limb may start or end in, such
    as OpenPose's neck between the shoulders; these are labelled where both are, and are not
    decoded.

    Outputs are (B, C, H, W), with stages (B, S, C, H, W): a map for each part, the background,
    which is 1 - the maximum over the maps, and x and y of each limb's field. Weights have the
    targets' shape. They are 0 in `ignored` boxes, but not where a smaller box of somebody's
    labelled keypoints lies over them: of boxes around one place, the smallest knows best whose it
    is. For the maps and fields that an unlabelled keypoint of somebody labelled would be in, they
    are 0 in the box of that person's labelled ones. Where a labelled part is, they are 1.

    Args:
        input_size: (width, height) of the network's input, pixels.
        stride: Input pixels per cell.
        sigma_px: Standard deviation of the Gaussians, input pixels.
        width_px: How far from its middle line a limb reaches, input pixels.
        skeleton: A known name, or the fields of one's own.
        links: The limbs: pairs of ends, each a keypoint or a pair of keypoints whose middle it is;
            empty are the skeleton's links.
        unlabelled_margin: How much wider than the box of labelled keypoints the box of weight 0
            is, on each side, as a part of its longer side; None has no such boxes, for data in
            which a keypoint that is not labelled is not to be found.

    Raises:
        ValueError: A value is not allowed, the cells do not divide the input, or there is no limb.
    """

    stride: int
    sigma_px: float
    width_px: float
    skeleton: str | Mapping[str, Any]
    links: tuple[Limb, ...] = ()
    unlabelled_margin: float | None = 0.1

    def __post_init__(self) -> None:
        super().__post_init__()
        self.check_grouping()
        if not min(self.sigma_px, self.width_px) > 0:
            raise ValueError(
                f"sigma_px={self.sigma_px} and width_px={self.width_px}; both must be positive"
            )
        if self.stride < 1 or any(side % self.stride for side in self.input_size):
            raise ValueError(
                f"stride={self.stride} does not divide input_size={self.input_size}; "
                "choose sides that are multiples of the stride"
            )
        skeleton = as_skeleton(self.skeleton)
        if isinstance(self.skeleton, Skeleton):
            object.__setattr__(self, "skeleton", asdict(skeleton))
        # Lists, as JSON gives them, would not compare equal.
        links = [
            tuple(end if isinstance(end, str) else tuple(end) for end in link)
            for link in self.links
        ]
        object.__setattr__(self, "links", tuple(links) or skeleton.links)
        if not self.links:
            raise ValueError(
                f"skeleton '{skeleton.name}' has no links, and people are put together by limbs; "
                "give the skeleton or the codec links"
            )
        unknown = {name for link in self.links for end in link for name in _names(end)}
        unknown -= set(skeleton.keypoints)
        if unknown:
            raise ValueError(
                f"links name a keypoint '{min(unknown)}' that skeleton '{skeleton.name}' does not "
                f"have; it has {', '.join(skeleton.keypoints)}"
            )

    @property
    def offset_px(self) -> float:
        """The input coordinate of cell 0's centre."""
        return (self.stride - 1) / 2

    @property
    def parts(self) -> list[tuple[int, ...]]:
        """What each map is of: one keypoint, or two whose middle it is."""
        skeleton = as_skeleton(self.skeleton)
        ends = [end for link in self.links for end in link if not isinstance(end, str)]
        middles = [tuple(sorted(skeleton.indices(end))) for end in ends]
        return [(row,) for row in range(skeleton.num_keypoints)] + list(dict.fromkeys(middles))

    @property
    def limbs(self) -> list[Edge]:
        """From which part to which each limb leads."""
        skeleton, parts = as_skeleton(self.skeleton), self.parts
        rows = [
            [tuple(sorted(skeleton.indices(_names(end)))) for end in link] for link in self.links
        ]
        return [(parts.index(start), parts.index(end)) for start, end in rows]

    @property
    def extra_channels(self) -> int:
        """How many channels a head gives beyond the K keypoints."""
        return 2 * len(self.links) + len(self.parts) + 1 - as_skeleton(self.skeleton).num_keypoints

    def encode(self, keypoints: Tensor, visible: Tensor, ignored: Tensor | None = None) -> Targets:
        """Encode all people of a batch.

        Args:
            keypoints: (B, P, K, 2) input pixels, P at least 1.
            visible: (B, P, K): 0 not labelled, 1 hidden, 2 seen.
            ignored: (B, Q, 4) x1 y1 x2 y2, input pixels, where nothing is known; NaN is no box.

        Returns:
            `fields` and `weights`, both (B, C, H, W).

        Raises:
            ValueError: A labelled keypoint is not finite.
        """
        points, labelled = self._points_of_parts(*labelled_points(keypoints, visible))
        x, y = (
            cell_centers(side // self.stride, self.stride, self.offset_px, points.device)
            for side in self.input_size
        )
        maps = maps_of_people(points, labelled, x, y, self.sigma_px)  # (B, N, H, W)
        rows = [[limb[end] for limb in self.limbs] for end in (0, 1)]
        start, end = (take_rows(points, row, dim=-2) for row in rows)  # (B, P, L, 2)
        begins, ends = (take_rows(labelled, row, dim=-1) for row in rows)  # (B, P, L)
        whole = begins & ends
        fields, covered = fields_of_people(
            start, end, whole, x, y, self.width_px
        )  # (B, L, 2, H, W), (B, L, H, W)
        background = 1 - maps.amax(dim=1, keepdim=True)
        known_maps = torch.ones_like(maps, dtype=torch.bool)
        known_fields = torch.ones_like(covered, dtype=torch.bool)
        boxes = boxes_of_people(keypoints, visible, self.unlabelled_margin or 0.0)
        if self.unlabelled_margin is not None:
            somebody = (visible > 0).any(dim=-1)[..., None]  # (B, P, 1)
            inside = inside_boxes(boxes, x, y).float()  # (B, P, H, W)
            known_maps = ~in_any_of(inside, somebody & ~labelled) | (maps > KNOWN)
            known_fields = ~in_any_of(inside, somebody & ~whole) | (covered > 0)
        known = torch.cat(
            [
                known_maps,
                known_maps.all(dim=1, keepdim=True),
                known_fields.repeat_interleave(2, dim=1),
            ],
            dim=1,
        )
        if ignored is not None:
            nearer = smallest_box(ignored, x, y) < smallest_box(boxes, x, y)
            hidden = nearer[:, None]  # (B, 1, H, W)
            drawn = torch.cat(
                [
                    maps > KNOWN,
                    background < 1 - KNOWN,
                    (covered > 0).repeat_interleave(2, dim=1),
                ],
                dim=1,
            )
            known = known & (~hidden | drawn)
        targets = torch.cat([maps, background, fields.flatten(1, 2)], dim=1)
        return {"fields": targets, "weights": known.float()}

    def decode(self, outputs: Tensor) -> tuple[Tensor, Tensor]:
        """Decode a head's outputs into the people of each image.

        Returns:
            Points (B, P, K, 2), input pixels, NaN where a keypoint was not found, and scores
            (B, P, K), 0 there. P is the largest number of people in one image, perhaps 0; rows
            without any keypoint are nobody.
        """
        last = (outputs[:, -1] if outputs.dim() == 5 else outputs).float()
        count = len(self.parts)
        fields = last[:, count + 1 :].unflatten(1, (-1, 2))
        cells, scores = self.group(last[:, :count], fields, self.limbs)
        keypoints = as_skeleton(self.skeleton).num_keypoints
        points = cells[:, :, :keypoints] * self.stride + self.offset_px
        return points, scores[:, :, :keypoints]

    def flip(self, outputs: Tensor, skeleton: Skeleton) -> Tensor:
        """Turn the outputs for a mirrored input into outputs for the input as it was.

        Raises:
            ValueError: A limb's mirror image is no limb.
        """
        order, limbs, parts = skeleton.flip_order, self.limbs, self.parts
        mirrored = [parts.index(tuple(sorted(order[row] for row in part))) for part in parts]
        maps = outputs.flip(-1)
        channels = [maps[..., row, :, :] for row in [*mirrored, len(parts)]]
        for name, (start, end) in zip(self.links, limbs, strict=True):
            limb = mirrored[start], mirrored[end]
            sign = 1 if limb in limbs else -1  # a limb across the body turns round
            limb = limb if sign > 0 else limb[::-1]
            if limb not in limbs:
                raise ValueError(
                    f"the mirror image of the link {name} is no link, so that mirrored outputs "
                    "cannot be averaged; give links for both sides of the body"
                )
            first = len(parts) + 1 + 2 * limbs.index(limb)
            channels += [-sign * maps[..., first, :, :], sign * maps[..., first + 1, :, :]]
        return torch.stack(channels, dim=-3)

    def enlarged_size(self, scale: float) -> tuple[int, int]:
        width, height = (max(1, round(side * scale / self.stride)) for side in self.input_size)
        return width * self.stride, height * self.stride

    def unscale(self, outputs: Tensor, scale: float) -> Tensor:
        width, height = (side // self.stride for side in self.input_size)
        return unscaled(outputs, scale, ((width - 1) / 2, (height - 1) / 2), size=(width, height))

    def _points_of_parts(self, points: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
        """Return the parts' points (B, P, N, 2) and which are labelled (B, P, N)."""
        rows = [[part[end] for part in self.parts] for end in (0, -1)]
        first, last = (take_rows(points, row, dim=-2) for row in rows)
        knows_first, knows_last = (take_rows(weights, row, dim=-1) > 0 for row in rows)
        return (first + last) / 2, knows_first & knows_last


def _names(end: Any) -> tuple[str, ...]:
    return (end,) if isinstance(end, str) else end
