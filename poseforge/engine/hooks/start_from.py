from collections.abc import Sequence
from typing import Any

from poseforge.engine.mmengine_parts import Hook
from poseforge.inference.shipped import shipped_model
from poseforge.models.checkpoints import CheckpointError, load_weights, read_checkpoint
from poseforge.registry import HOOKS


@HOOKS.register_module()
class StartFrom(Hook):
    """Begin a training with a checkpoint's weights instead of drawn ones: fine-tuning.

    A run that is resumed goes on from its own weights.

    Args:
        checkpoint: A file of the same model, or of one that has the same `parts`; of the averaged
            weights, where it has them. None is the model that ships.
        parts: Which parts alone begin with them, such as "backbone" and "head.branches.0"; the
            others are drawn. Empty means the whole model.

    Raises:
        CheckpointError: When the training begins: the file is broken, refused, or of another model,
            or the model has no such part.
    """

    def __init__(self, checkpoint: str | None = None, *, parts: Sequence[str] = ()) -> None:
        self.checkpoint = checkpoint or str(shipped_model())
        self.parts = tuple(parts)

    def before_run(self, runner: Any) -> None:
        weights = read_checkpoint(self.checkpoint)["state_dict"]
        model = runner.model.estimator
        if not self.parts:
            load_weights(model, weights, self.checkpoint)
        known = dict(model.named_modules())
        for part in self.parts:
            if part not in known:
                children = ", ".join(name for name, _ in model.named_children())
                raise CheckpointError(
                    f"the model has no part '{part}' to begin with weights of '{self.checkpoint}'; "
                    f"it has {children}, and their parts"
                )
            start = f"{part}."
            of_part = {
                name.removeprefix(start): tensor
                for name, tensor in weights.items()
                if name.startswith(start)
            }
            load_weights(known[part], of_part, self.checkpoint)
