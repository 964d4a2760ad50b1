"""From confidence maps and part affinity fields to people, for all images of a batch together."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from poseforge.codecs.fields_along_lines import components_along
from poseforge.codecs.fields_completing import complete_people

SMALLEST = 1e-6  # maps that a network gives may be negative, and logarithms may not see that
Edge = tuple[int, int]


@dataclass(frozen=True, kw_only=True)
class Grouping:
    """How peaks of maps become people: a limb for a limb, the surest first.

    Cao et al., Realtime Multi-Person 2D Pose Estimation using Part Affinity Fields, CVPR 2017,
    https://arxiv.org/abs/1611.08050. Limbs of one kind are matched greedily, each peak once; then
    all limbs join the bodies that they touch, the surest limb first, unless both have such a part
    already, as for the redundant limbs of the version of 2019, https://arxiv.org/abs/1812.08008.

    Args:
        peak_threshold: Peaks of the confidence maps must be higher.
        max_people: So many of the highest peaks a part and image are looked at.
        num_samples: At so many points between two peaks a field is looked at.
        affinity_threshold: There its component along the limb must be higher ...
        affinity_share: ... at no smaller a share of the points.
        min_parts: A body of fewer parts is nobody.
        complete: Give people the parts that they lack from all peaks (`complete_people`), however
            unsure and whoever's they are: for metrics that miss a part as much as a wrong one.

    Raises:
        ValueError: A count is below 1, or there are fewer than two samples.
    """

    peak_threshold: float = 0.1
    max_people: int = 30
    num_samples: int = 10
    affinity_threshold: float = 0.05
    affinity_share: float = 0.8
    min_parts: int = 3
    complete: bool = False

    def check_grouping(self) -> None:
        """Refuse numbers that are not allowed."""
        least = {"max_people": 1, "num_samples": 2, "min_parts": 1}
        for name, low in least.items():
            if getattr(self, name) < low:
                raise ValueError(f"{name}={getattr(self, name)}; it must be {low} or more")

    def group(self, maps: Tensor, fields: Tensor, links: Sequence[Edge]) -> tuple[Tensor, Tensor]:
        """Find people.

        Args:
            maps: (B, K, H, W) float32 confidence maps.
            fields: (B, L, 2, H, W) float32 part affinity fields.
            links: (L,) which part each field leads from and to.

        Returns:
            Cells (B, P, K, 2), NaN where a part was not found, and scores (B, P, K), 0 there. P is
            the largest number of people in one image, perhaps 0; the others' last rows are empty.
        """
        cells, scores = find_peaks(maps, self.peak_threshold, self.max_people)
        affinities = self._affinities(cells, scores, fields, links)
        bodies = [
            self._bodies(edges, scores.shape[1:])
            for edges in _edges(affinities, links, scores.shape[2])
        ]
        most = max((len(image) for image in bodies), default=0)
        rows = torch.full((len(maps), most, maps.shape[1]), -1, dtype=torch.int64)
        for image, people in enumerate(bodies):
            for person, peaks in enumerate(people):
                places = torch.tensor(peaks)
                rows[image, person, places // scores.shape[2]] = places
        rows = rows.to(maps.device)
        found = _chosen(cells, scores, rows)
        if not self.complete:
            return found
        return complete_people(found, (cells, scores), fields, links, self.num_samples)

    def _affinities(
        self, cells: Tensor, scores: Tensor, fields: Tensor, links: Sequence[Edge]
    ) -> Tensor:
        """Return (B, L, M, M): how sure a limb is from each peak to each other one, 0 for no limb.

        It is the mean over the line of the field's component along it.
        """
        starts, ends = ([link[end] for link in links] for end in (0, 1))
        along = components_along(fields, cells[:, starts], cells[:, ends], self.num_samples)
        share = (along > self.affinity_threshold).float().mean(dim=-1)
        found = scores > 0
        possible = found[:, starts, :, None] & found[:, ends, None]
        affinity = along.mean(dim=-1)
        return torch.where(possible & (share >= self.affinity_share), affinity, 0.0).clamp(min=0)

    def _bodies(self, edges: Sequence[Edge], shape: Sequence[int]) -> list[list[int]]:
        """Join peaks, numbered over (K, M), along edges; the surest edge comes first."""
        num_parts, most = shape
        bodies = [[peak] for peak in range(num_parts * most)]
        parts = [1 << (peak // most) for peak in range(num_parts * most)]  # as bits
        body_of = list(range(num_parts * most))
        for first, second in edges:
            one, other = body_of[first], body_of[second]
            if one == other or parts[one] & parts[other]:
                continue
            for peak in bodies[other]:
                body_of[peak] = one
            parts[one] |= parts[other]
            bodies[one] += bodies[other]
            bodies[other] = []
        return [body for body in bodies if len(body) >= self.min_parts]


def find_peaks(maps: Tensor, threshold: float, most: int) -> tuple[Tensor, Tensor]:
    """Find the cells that are higher than the eight around them, and the tops between the cells.

    Of equally high neighbours the first is the peak. A top is that of the parabola through the
    logarithms on each axis, exact for a Gaussian, at most half a cell away; on an axis on which the
    peak is the first or the last cell, it is the cell's centre.

    Args:
        maps: (B, K, H, W).
        threshold: Peaks are higher than this.
        most: Only so many of the highest are kept.

    Returns:
        Cells (B, K, M, 2), x and y, and values (B, K, M), falling, 0 where there is no peak; M is
        the largest number of peaks of one map.
    """
    height, width = maps.shape[-2:]
    _, winner = F.max_pool2d(maps, 3, stride=1, padding=1, return_indices=True)
    own = torch.arange(height * width, device=maps.device).view(height, width)
    peaks = torch.where((winner == own) & (maps > max(threshold, 0)), maps, 0.0).flatten(-2)
    scores, places = peaks.topk(min(most, height * width), dim=-1)
    count = int((scores > 0).sum(dim=-1).max())
    scores, places = scores[..., :count], places[..., :count]
    x, y = places % width, places // width
    logs = maps.flatten(-2).clamp(min=SMALLEST).log()
    tops = [
        at + _top(logs, places, at, step, last)
        for at, step, last in ((x, 1, width - 1), (y, width, height - 1))
    ]
    return torch.stack(tops, dim=-1), scores


def _top(logs: Tensor, places: Tensor, at: Tensor, step: int, last: int) -> Tensor:
    """Return how far (B, K, M) the parabola's top is from the cells, along one axis."""
    inside = (at > 0) & (at < last)
    before, middle, after = (
        logs.gather(-1, torch.where(inside, places + way, places)) for way in (-step, 0, step)
    )
    bend = before - 2 * middle + after
    top = (before - after) / (2 * torch.where(bend < 0, bend, -1.0))
    return torch.where(inside & (bend < 0), top, 0.0).clamp(-0.5, 0.5)


def _edges(affinities: Tensor, links: Sequence[Edge], most: int) -> list[list[Edge]]:
    """Return each image's limbs as pairs of peaks, numbered over (K, M), the surest first.

    For every kind of limb of every image the surest pair is taken, then the surest of what is left
    when its two peaks are gone, and so on: as many rounds as a map has peaks, whatever the batch.
    """
    batch_size, num_links = affinities.shape[:2]
    left = affinities.reshape(batch_size * num_links, most, most).clone()
    rows = torch.arange(len(left), device=left.device)
    taken = []
    for _ in range(most):
        value, place = left.flatten(1).max(dim=1)
        first, second = place // most, place % most
        left[rows, first] = 0
        left[rows, :, second] = 0
        taken.append(torch.stack([value, first.to(value), second.to(value)]))
    images: list[list[Edge]] = [[] for _ in range(batch_size)]
    if not taken:
        return images
    value, first, second = torch.stack(taken, dim=-1).cpu()  # each (B*L, M)
    order = value.flatten().argsort(descending=True)[: int((value > 0).sum())]
    limbs = (order // most).tolist()
    pairs = zip(
        limbs, first.flatten()[order].tolist(), second.flatten()[order].tolist(), strict=True
    )
    for limb, one, other in pairs:
        start, end = links[limb % num_links]
        images[limb // num_links].append((start * most + int(one), end * most + int(other)))
    return images


def _chosen(cells: Tensor, scores: Tensor, rows: Tensor) -> tuple[Tensor, Tensor]:
    """Return the cells (B, P, K, 2) and scores (B, P, K) of peaks (B, P, K), -1 for none."""
    missing = rows < 0
    flat = rows.clamp(min=0).flatten(1)
    shape = rows.shape
    if not shape[1]:
        return cells.new_zeros((*shape, 2)), scores.new_zeros(shape)
    x, y, value = (
        table.flatten(1).gather(1, flat).reshape(shape)
        for table in (cells[..., 0], cells[..., 1], scores)
    )
    points = torch.stack([x, y], dim=-1).masked_fill(missing[..., None], torch.nan)
    return points, value.masked_fill(missing, 0.0)
