"""Drawing confidence maps, part affinity fields and boxes for all people of a batch."""

import torch
from torch import Tensor

from poseforge.codecs.gaussian import gaussian


def maps_of_people(
    points: Tensor, labelled: Tensor, x: Tensor, y: Tensor, sigma_px: float
) -> Tensor:
    """Return (B, N, H, W), for each part the maximum of the people's Gaussians.

    Args:
        points: (B, P, N, 2) pixels.
        labelled: (B, P, N) which of them there are.
        x: (W,) the cells' centres, pixels.
        y: (H,) likewise.
        sigma_px: Standard deviation of the Gaussians, pixels.
    """
    across = (points[..., 0, None] - x).square()[..., None, :]  # (B, P, N, 1, W)
    down = (points[..., 1, None] - y).square()[..., :, None]  # (B, P, N, H, 1)
    down = down.masked_fill(~labelled[..., None, None], torch.inf)
    return gaussian((across + down).amin(dim=1), sigma_px)


def fields_of_people(
    start: Tensor, end: Tensor, whole: Tensor, x: Tensor, y: Tensor, width_px: float
) -> tuple[Tensor, Tensor]:
    """Return fields (B, L, 2, H, W), and how many people's limbs cover each cell (B, L, H, W).

    Args:
        start: (B, P, L, 2) pixels.
        end: (B, P, L, 2) pixels.
        whole: (B, P, L) which limbs there are.
        x: (W,) the cells' centres, pixels.
        y: (H,) likewise.
        width_px: How far a limb reaches from its middle line.
    """
    vector = end - start
    length = vector.norm(dim=-1)[..., None, None]
    whole = whole[..., None, None] & (length > 0)
    unit = vector / length[..., 0].clamp(min=1e-6)
    right = (x - start[..., 0, None])[..., None, :]  # (B, P, L, 1, W)
    down = (y - start[..., 1, None])[..., :, None]  # (B, P, L, H, 1)
    unit_x, unit_y = unit[..., 0, None, None], unit[..., 1, None, None]
    along = unit_x * right + unit_y * down  # (B, P, L, H, W)
    across = unit_y * right - unit_x * down
    on = (whole & (along >= 0) & (along <= length) & (across.abs() <= width_px)).float()
    covered = on.sum(dim=1)
    # Sums of products, not a matrix product: autocast would round that.
    total = torch.stack([(on * axis).sum(dim=1) for axis in (unit_x, unit_y)], dim=2)
    return total / covered.clamp(min=1)[:, :, None], covered


def boxes_of_people(keypoints: Tensor, visible: Tensor, margin: float) -> Tensor:
    """Return boxes (B, P, 4) around the labelled keypoints, wider by a part of the longer side."""
    labelled = (visible > 0)[..., None]
    low = keypoints.masked_fill(~labelled, torch.inf).amin(dim=-2)
    high = keypoints.masked_fill(~labelled, -torch.inf).amax(dim=-2)
    play = margin * (high - low).amax(dim=-1, keepdim=True).clamp(min=0)
    return torch.cat([low - play, high + play], dim=-1)


def inside_boxes(boxes: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """Say which cells' centres lie in boxes (B, Q, 4): (B, Q, H, W)."""
    left, top, right, bottom = boxes[..., None].unbind(dim=-2)  # each (B, Q, 1)
    across, down = (x >= left) & (x <= right), (y >= top) & (y <= bottom)
    return down[..., :, None] & across[..., None, :]


def smallest_box(boxes: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """Return (B, H, W): the area of the smallest of boxes (B, Q, 4) that a cell is in, or inf."""
    sides = boxes[..., 2:] - boxes[..., :2]
    areas = sides.prod(dim=-1)[..., None, None]
    return torch.where(inside_boxes(boxes, x, y), areas, torch.inf).amin(dim=1)


def in_any_of(inside: Tensor, chosen: Tensor) -> Tensor:
    """Say which cells lie in a box (B, P, H, W) chosen (B, P, N) for each of N: (B, N, H, W)."""
    return torch.einsum("bphw,bpn->bnhw", inside, chosen.float()) > 0
