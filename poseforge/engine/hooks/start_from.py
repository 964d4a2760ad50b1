from typing import Any

from poseforge.engine.mmengine_parts import Hook
from poseforge.models.checkpoints import load_weights, read_checkpoint
from poseforge.registry import HOOKS


@HOOKS.register_module()
class StartFrom(Hook):
    """Begin a training with a checkpoint's weights instead of drawn ones: fine-tuning.

    A run that is resumed goes on from its own weights.

    Args:
        checkpoint: A file of the same model; of the averaged weights, where it has them.

    Raises:
        CheckpointError: When the training begins: the file is broken, refused, or of another model.
    """

    def __init__(self, checkpoint: str) -> None:
        self.checkpoint = checkpoint

    def before_run(self, runner: Any) -> None:
        state = read_checkpoint(self.checkpoint)
        load_weights(runner.model.estimator, state["state_dict"], self.checkpoint)
