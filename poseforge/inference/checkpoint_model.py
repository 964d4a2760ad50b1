"""From a checkpoint file, and nothing else, to a model and the crops that it was validated on."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import nn

from poseforge.codecs.base import Codec
from poseforge.models.build import build_estimator
from poseforge.models.checkpoints import CheckpointError, load_weights, read_checkpoint
from poseforge.models.estimators.base import Estimator
from poseforge.registry import TRANSFORMS, build, resolve
from poseforge.transforms import Transform

LOADERS = ("test_dataloader", "val_dataloader")  # whose transforms an image goes through


@dataclass(frozen=True)
class CheckpointModel:
    """What a checkpoint describes.

    Attributes:
        estimator: The model with its weights, on the CPU, in evaluation mode.
        transforms: What happens to an image before it.
    """

    estimator: Estimator
    transforms: tuple[Transform, ...]


def load_model(path: str | Path) -> CheckpointModel:
    """Build a checkpoint's model; nothing in the file is run, and nothing is downloaded.

    A part that is named by a dotted path, as plugins are, is imported; it must be a module, a codec
    or a transform.

    Raises:
        CheckpointError: There is no such file, it is broken, refused, or does not say how images
            are cropped.
        ValueError: A part that it names cannot be built.
        ImportError: A plugin that it names cannot be imported.
    """
    state = read_checkpoint(path)
    config = state["config"]
    absent = [key for key in ("model", "codec") if key not in config]
    loader = next((config[name] for name in LOADERS if config.get(name)), None)
    if absent or loader is None:
        raise CheckpointError(
            f"the config in '{path}' has no {absent[0] if absent else ' or '.join(LOADERS)}, so "
            "nothing can be predicted with it; give a checkpoint of a training that has"
        )
    model = _own_weights_only({**config["model"], "codec": config["codec"]})
    for part in (model, loader["transforms"]):
        _check_dotted_types(part, str(path))
    estimator = build_estimator(model)
    load_weights(estimator, state["state_dict"], path)
    transforms = tuple(build(transform, TRANSFORMS) for transform in loader["transforms"])
    return CheckpointModel(estimator.eval(), transforms)


def _own_weights_only(part: Any) -> Any:
    """Return a config in which no part begins from weights that it would have to download."""
    if isinstance(part, Mapping):
        return {
            key: None if key == "weights" and isinstance(value, str) else _own_weights_only(value)
            for key, value in part.items()
        }
    return [_own_weights_only(item) for item in part] if isinstance(part, list) else part


def _check_dotted_types(part: Any, path: str) -> None:
    """Refuse a config that calls whatever it likes by naming it as a part's type."""
    if isinstance(part, list):
        for item in part:
            _check_dotted_types(item, path)
    if not isinstance(part, Mapping):
        return
    name = part.get("type")
    if isinstance(name, str) and "." in name:
        kind = resolve(name, TRANSFORMS)
        if not (isinstance(kind, type) and issubclass(kind, nn.Module | Codec | Transform)):
            raise CheckpointError(
                f"'{path}' names '{name}' as a part of its model, which is no module, codec or "
                "transform, and is refused; do not use this file unless you know where it is from"
            )
    for value in part.values():
        _check_dotted_types(value, path)
