"""Parts that were not found of people who were, from confidence maps and part affinity fields."""

from collections.abc import Sequence

import torch
from torch import Tensor

from poseforge.codecs.fields_along_lines import components_along


def complete_people(
    people: tuple[Tensor, Tensor],
    peaks: tuple[Tensor, Tensor],
    fields: Tensor,
    links: Sequence[tuple[int, int]],
    num_samples: int,
) -> tuple[Tensor, Tensor]:
    """Look for the parts that people lack, from those that they have, a limb at a time.

    A peak's score is its height times the mean, over the limbs from parts that are there, of the
    mean component of the field along the limb. Of each part that somebody lacks, the peak of the
    highest score is theirs, even if it is somebody else's too.

    Args:
        people: Cells (B, P, K, 2), NaN where a part was not found, and scores (B, P, K), 0 there.
        peaks: Cells (B, K, M, 2) and heights (B, K, M), 0 where there is no peak.
        fields: (B, L, 2, H, W).
        links: (L,) which part each field leads from and to.
        num_samples: At so many points of a limb its field is looked at.

    Returns:
        The people with the parts that were found for them.
    """
    cells, scores = (values.transpose(1, 2) for values in people)  # (B, K, P, ...)
    places, heights = peaks
    if not scores.shape[2] or not heights.shape[2]:
        return people
    starts, ends = (
        torch.tensor([link[end] for link in links] + [link[1 - end] for link in links])
        for end in (0, 1)
    )  # (2L,): a limb is walked both ways
    ends = ends.to(fields.device)
    fields = torch.cat([fields, -fields], dim=1)
    for _ in links:  # no chain of limbs is longer
        begin = cells[:, starts].nan_to_num()  # (B, 2L, P, 2)
        along = components_along(fields, begin, places[:, ends], num_samples)
        there = (scores[:, starts, :, None] > 0).to(fields)  # (B, 2L, P, 1)
        limbs = along.mean(dim=-1).clamp(min=0) * there  # (B, 2L, P, M)
        support, count = (
            limbs.new_zeros(*scores.shape, values.shape[-1]).index_add(1, ends, values)
            for values in (limbs, there)
        )  # (B, K, P, M), (B, K, P, 1)
        score, peak = (heights[:, :, None] * support / count.clamp(min=1)).max(dim=-1)
        added = (score > 0) & (scores == 0)
        if not added.any():
            break
        found = places.gather(2, peak[..., None].expand(-1, -1, -1, 2))
        cells = torch.where(added[..., None], found, cells)
        scores = torch.where(added, score, scores)
    return cells.transpose(1, 2), scores.transpose(1, 2)
