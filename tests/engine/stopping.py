"""A stop at a known iteration."""

from poseforge.engine.hooks import Hook


class StopAt(Hook):
    """Ask for a stop after an iteration, as a signal does."""

    def __init__(self, iteration: int) -> None:
        self.iteration = iteration

    def before_train_iter(self, runner, batch_idx, data_batch=None) -> None:
        if runner.iter + 1 == self.iteration:
            runner.model.stop_requested = True
