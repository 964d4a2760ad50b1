"""Reading checkpoints: files of tensors and plain values, never of code."""

import pickle
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

FORMAT = "poseforge-checkpoint-1"
CONTENTS = {"format", "state_dict", "config", "skeleton", "codec", "meta"}


class CheckpointError(ValueError):
    """A checkpoint cannot be used; the message says why and what to do."""


def read_checkpoint(path: str | Path) -> dict[str, Any]:
    """Read a checkpoint onto the CPU; nothing in the file is run.

    Returns:
        `format`; `state_dict`, tensors by name; and plain values: `config`, what the run was made
        with, `skeleton` and `codec`, their fields, and `meta`.

    Raises:
        CheckpointError: There is no such file, it is damaged, it holds pickled code, it is no
            checkpoint of this project, or one of a later version.
    """
    path = Path(path)
    if not path.is_file():
        raise CheckpointError(f"there is no checkpoint file '{path}'; check the path")
    if not zipfile.is_zipfile(path):  # what torch.save writes is a zip archive
        raise CheckpointError(_refusal(path) if _is_bare_pickle(path) else _damage(path))
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise CheckpointError(_refusal(path)) from error
    except (RuntimeError, EOFError, OSError, ValueError, KeyError) as error:
        raise CheckpointError(_damage(path)) from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise CheckpointError(_other_format(path, content))
    missing = CONTENTS - content.keys()
    if missing:
        raise CheckpointError(
            f"the checkpoint '{path}' lacks {', '.join(sorted(missing))}; "
            "give one that tools/train.py has written"
        )
    return content


def load_weights(model: nn.Module, state_dict: Mapping[str, Tensor], source: str | Path) -> None:
    """Copy weights into a model that has exactly these.

    Args:
        model: What the weights are for.
        state_dict: Tensors by name.
        source: Where they come from, for the message.

    Raises:
        CheckpointError: A tensor is missing, unknown to the model, or of another shape.
    """
    ours = {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}
    theirs = {name: tuple(tensor.shape) for name, tensor in state_dict.items()}
    differing = [name for name in {**ours, **theirs} if ours.get(name) != theirs.get(name)]
    if differing:
        name = differing[0]
        raise CheckpointError(
            f"'{source}' is a checkpoint of another model: "
            f"{len(ours.keys() - theirs.keys())} tensors of this model are missing there, "
            f"{len(theirs.keys() - ours.keys())} are unknown here, the first that differs is "
            f"'{name}' ({theirs.get(name, 'missing')} there, {ours.get(name, 'missing')} here); "
            "use the config that it was trained with"
        )
    model.load_state_dict(dict(state_dict), strict=True)


def _is_bare_pickle(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(1) == pickle.PROTO


def _refusal(path: Path) -> str:
    return (
        f"'{path}' holds pickled objects, which could run code when loaded, and is refused; "
        "if you trust its origin, load it with torch.load(..., weights_only=False) in a place "
        "that may be harmed, and save its state_dict's tensors alone"
    )


def _other_format(path: Path, content: Any) -> str:
    found = content.get("format") if isinstance(content, dict) else None
    if re.fullmatch(rf"{FORMAT[:-1]}\d+", str(found)):
        return (
            f"'{path}' was written by a later version of PoseForge (its format is '{found}', this "
            f"one reads '{FORMAT}'); update with pip install --upgrade poseforge"
        )
    return (
        f"'{path}' is no checkpoint of PoseForge (its format is not '{FORMAT}'); "
        "give one that tools/train.py has written"
    )


def _damage(path: Path) -> str:
    return (
        f"'{path}' cannot be read as a checkpoint: it is damaged, cut short or another kind of "
        "file; copy or download it again"
    )
