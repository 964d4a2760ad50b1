"""A first look at the whole crop, then one at each joint from nearby."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from poseforge.codecs.base import Codec
from poseforge.codecs.coordinates import Coordinates
from poseforge.codecs.labels import labelled_points
from poseforge.models.estimators.base import Estimator, Mode
from poseforge.models.estimators.cascade_views import WindowSides, see_whole, see_windows
from poseforge.models.estimators.joint_errors import JointErrors
from poseforge.models.layers.views import view_matrices
from poseforge.registry import ESTIMATORS
from poseforge.structures import Batch, Prediction, Skeleton, as_skeleton
from poseforge.structures.affine import apply_inverse, stretch_matrix


@ESTIMATORS.register_module()
class Cascade(Estimator):
    """Stages that look again, each at a window around every joint's last estimate.

    Toshev and Szegedy, DeepPose, CVPR 2014, https://arxiv.org/abs/1312.4659, for any estimator in
    the place of the paper's network. Stage 1 sees the whole crop. Each later one sees, for every
    joint, a square of side sigma · torso diameter around the last estimate, cut from the crop, and
    places that joint anew: its other rows are not used. So a crop that is larger than the stages'
    inputs gives later stages a resolution that the first one did not see.

    Stages are trained one after the other, the earlier ones frozen. A later stage learns from
    simulated estimates: the truth and an error, drawn from the normal distribution that the errors
    of the stages before it have on the training set, in torso diameters. They are drawn anew
    whenever an image is visited, so that 40 visits are the paper's 40 simulations a joint. In its
    loss one row of K counts.

    Where the torso is not labelled or has no length, a window is as large as the box of the
    labelled joints, or the crop where that has no size either; a log record says so once.

    Args:
        first: Config of stage 1 without its skeleton; its type is TopDown if it has none. Its
            `codec` is for what it sees: `input_size` is that of the shrunk crop.
        codec: How the crop's outputs and coordinates relate: `Coordinates` of the crop's size.
        skeleton: A known name, a dict of fields, or a skeleton, with a torso.
        refine: Likewise of each later stage; None is `first`. Each has its own weights.
        stages: S.
        sigma: Side of a window, torso diameters.
        views_per_image: Windows an image and training step, over its labelled joints in random
            order and again from the first; None is K.

    Attributes:
        trained: () how many stages have been trained or are being trained.

    Raises:
        ValueError: A value is not allowed, a stage has another skeleton, or there is no torso.
    """

    trained: Tensor
    whole_matrix: Tensor

    def __init__(
        self,
        first: Mapping[str, Any],
        codec: Codec,
        skeleton: str | Mapping[str, Any] | Skeleton,
        *,
        refine: Mapping[str, Any] | None = None,
        stages: int = 3,
        sigma: float = 2.0,
        views_per_image: int | None = None,
    ) -> None:
        super().__init__()
        self.skeleton = as_skeleton(skeleton)
        self.codec = codec
        _check(codec, stages, views_per_image)
        self.phases = self.stages = stages
        self.sides = WindowSides(self.skeleton, sigma, codec.input_size)
        self.views_per_image = views_per_image or self.skeleton.num_keypoints
        self.flip_test = False
        self.scales = (1.0,)
        parts = [first] + [first if refine is None else refine] * (stages - 1)
        self.networks = nn.ModuleList(self._network(part) for part in parts)
        num_keypoints = self.skeleton.num_keypoints
        self.errors = nn.ModuleList(JointErrors(num_keypoints) for _ in parts[1:])
        self.register_buffer("trained", torch.tensor(1))
        matrix = stretch_matrix(codec.input_size, self._estimator(0).codec.input_size)
        self.register_buffer("whole_matrix", torch.tensor(matrix).float(), persistent=False)
        self.phase = 0

    def begin_phase(self, phase: int, batches: Iterable[Batch] | None) -> None:
        """Train stage `phase + 1` alone, on errors like those of the stages before it."""
        self.phase = phase
        for index, network in enumerate(self.networks):
            network.requires_grad_(index == phase)
        if batches is not None:
            if phase > 0:
                was_training = self.training
                self.eval()
                self._errors(phase).measure(self._observe(batches, phase))
                self.train(was_training)
            self.trained.fill_(phase + 1)
        self.train(self.training)

    def train(self, mode: bool = True) -> "Cascade":
        """Set the mode of the stage that is trained; the others stay in evaluation mode."""
        super().train(mode)
        for index, network in enumerate(self.networks):
            network.train(mode and index == self.phase)
        return self

    def forward(self, batch: Batch, mode: Mode) -> dict[str, Tensor] | Prediction | Tensor:
        """Run a batch; `tensor` returns every stage's coordinates (B, S, K, 2), as in `codec`."""
        if mode == "loss":
            seen = self._simulate(batch, self.phase) if self.phase else self._see_all(batch)
            return self._estimator(self.phase)(seen, "loss")
        if mode == "tensor":
            estimates, scores = self._estimate(batch, self._last())
            everywhere = torch.ones_like(scores)
            encoded = [self.codec.encode(points, everywhere) for points in estimates]
            return torch.stack([targets["coordinates"] for targets in encoded], dim=1)
        if mode == "predict":
            estimates, scores = self._estimate(
                batch, self._last(), flip=self.flip_test, scales=self.scales
            )
            return {"keypoints": apply_inverse(batch["matrix"], estimates[-1]), "scores": scores}
        raise ValueError(f"mode={mode!r}; choose one of loss, predict, tensor")

    def _network(self, part: Mapping[str, Any]) -> Estimator:
        if "skeleton" in part and as_skeleton(part["skeleton"]) != self.skeleton:
            raise ValueError(
                f"a stage of the cascade has another skeleton than the cascade's "
                f"'{self.skeleton.name}'; leave it out, the stages get the cascade's"
            )
        network: Estimator = ESTIMATORS.build(
            {"type": "TopDown", **part, "skeleton": self.skeleton}
        )
        return network

    def _estimator(self, index: int) -> Estimator:
        return cast(Estimator, self.networks[index])

    def _errors(self, phase: int) -> JointErrors:
        """Return the errors of the stages before the one that `phase` trains."""
        return cast(JointErrors, self.errors[phase - 1])

    def _last(self) -> int:
        """Return which stage predicts.

        Raises:
            ValueError: It does not exist or has not been trained.
        """
        trained = int(self.trained)
        last = trained if self.last_stage is None else self.last_stage
        if not 1 <= last <= trained:
            raise ValueError(
                f"stage {last} of the cascade cannot predict: {trained} of its {self.stages} "
                f"stages have been trained; choose last_stage from 1 to {trained}, or train on "
                "with --resume"
            )
        return last

    def _estimate(
        self, batch: Batch, last: int, *, flip: bool = False, scales: tuple[float, ...] = (1.0,)
    ) -> tuple[list[Tensor], Tensor]:
        """Return the estimates (B, K, 2) of stages 1 to `last`, crop pixels, and the last scores.

        The flip test and scales are each stage's own: a stage begins where the average of the one
        before it is.
        """
        estimates: list[Tensor] = []
        for index in range(last):
            network = self._estimator(index)
            network.flip_test, network.scales = flip, scales
            seen = self._see_around(batch, estimates[-1], index) if index else self._see_all(batch)
            prediction = network(seen, "predict")
            points, scores = prediction["keypoints"], prediction["scores"]
            if index:  # the view around joint i says where joint i is: the diagonal of (B, K, K)
                shape = estimates[-1].shape[:2]
                points = points.unflatten(0, shape).diagonal(dim1=1, dim2=2).transpose(1, 2)
                scores = scores.unflatten(0, shape).diagonal(dim1=1, dim2=2)
            estimates.append(points)
        return estimates, scores

    def _observe(self, batches: Iterable[Batch], phase: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Give the errors of stage `phase` in torso diameters, and weights, batch by batch."""
        for batch in batches:
            points, labelled = labelled_points(batch["keypoints"], batch["visible"])
            estimates, _ = self._estimate(batch, phase)
            diameters = self.sides(points, labelled, tell=True) / self.sides.sigma
            yield (estimates[-1] - points) / diameters[:, None, None], labelled

    def _simulate(self, batch: Batch, phase: int) -> Batch:
        """Return windows around simulated estimates; of each, one joint is labelled at most."""
        points, labelled = labelled_points(batch["keypoints"], batch["visible"])
        sides = self.sides(points, labelled)
        order = (torch.rand_like(labelled) + labelled).argsort(dim=1, descending=True)
        turns = torch.arange(self.views_per_image, device=order.device)
        number = labelled.sum(dim=1, keepdim=True).clamp(min=1).long()
        joints = order.gather(1, turns % number)  # (B, V)
        truth = points.gather(1, joints[..., None].expand(-1, -1, 2))
        errors = self._errors(phase).draw(joints) * (sides / self.sides.sigma)[:, None, None]
        windows = view_matrices(
            truth + errors, sides[:, None].expand(joints.shape), self._size(phase)
        )
        visible = F.one_hot(joints, points.shape[1]) * batch["visible"][:, None]
        return see_windows({**batch, "keypoints": points}, windows, visible, self._size(phase))

    def _see_all(self, batch: Batch) -> Batch:
        """Return what stage 1 sees: whole crops."""
        return see_whole(batch, self.whole_matrix, self._size(0))

    def _see_around(self, batch: Batch, points: Tensor, index: int) -> Batch:
        """Return what stage `index + 1` sees around estimates (B, K, 2): B·K views."""
        everywhere = torch.ones_like(batch["visible"])
        sides = self.sides(points, everywhere, tell=True)[:, None].expand_as(everywhere)
        windows = view_matrices(points, sides, self._size(index))
        visible = batch["visible"][:, None].expand(-1, points.shape[1], -1)
        return see_windows(batch, windows, visible, self._size(index))

    def _size(self, index: int) -> tuple[int, int]:
        return self._estimator(index).codec.input_size


def _check(codec: Codec, stages: int, views_per_image: int | None) -> None:
    if not isinstance(codec, Coordinates):
        raise ValueError(
            f"a cascade's own codec is {type(codec).__name__}; give Coordinates of the crop's "
            "size, and any codec to `first` and `refine`"
        )
    if stages < 1 or (views_per_image is not None and views_per_image < 1):
        raise ValueError(
            f"stages={stages} and views_per_image={views_per_image}; give at least one of each, "
            "or None for a view of every keypoint"
        )
