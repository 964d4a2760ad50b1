"""The models that are trained on LSP and LSPET, how long, and by which overrides of configs.

One is trained on generated people.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from benchmarks.tiny import tiny_overrides

CONFIGS = Path(__file__).parents[1] / "configs"
VALIDATIONS = 20  # of a training that is planned in epochs
PLACES = {
    "train_dataloader.dataset.datasets.0": "lsp_fit",
    "train_dataloader.dataset.datasets.1": "lspet_train",
    "val_dataloader.dataset": "lsp_val",
    "test_dataloader.dataset": "lsp_test",
}
LSP = "LSP and LSPET"
GENERATED = ("train_dataloader.dataset", "val_dataloader.dataset", "test_dataloader.dataset")


@dataclass(frozen=True)
class LspModel:
    """A model of the ledger.

    Args:
        id: What it is called on the command line.
        title: What tables call it.
        minutes: Of all calls, expected on an NVIDIA H100; an estimate until it has been measured.
        epochs: How long it is trained; None is as long as its config says.
        later_phases: Parts of the epochs after which its second training begins, its third, and so
            on.
        options: Further overrides of its config.
        sees_crops: Whether it looks at people, which can be packed, or at whole images.
        data: What it is trained on.
    """

    id: str
    title: str
    minutes: int
    epochs: int | None = None
    later_phases: tuple[float, ...] = ()
    options: tuple[str, ...] = ()
    sees_crops: bool = True
    data: str = LSP

    @property
    def config(self) -> Path:
        """The config's file."""
        return CONFIGS / (f"{self.id}_lsp.py" if self.data == LSP else f"{self.id}.py")

    @property
    def result(self) -> str:
        """What its result is called."""
        return f"lsp_{self.id}" if self.data == LSP else self.id


# In the order in which they are trained.
MODELS = {
    model.id: model
    for model in (
        LspModel(
            "openpose_synthetic",
            "OpenPose, two stages, 1 to 4 people a picture",
            9,
            sees_crops=False,
            data="generated people",
        ),
        LspModel(
            "compact",
            "Compact",
            9,
            epochs=100,
            options=(  # larger batches, which suit a GPU, and as many images in the average
                "train_dataloader.batch_size=128",
                "ema.momentum=4e-3",
                "auto_scale_lr={'base_batch_size': 32, 'rule': 'sqrt', 'enable': True}",
            ),
        ),
        LspModel("simplebaseline_r50", "SimpleBaseline, ResNet-50", 9, epochs=50),
        LspModel("cpm_bn", "CPM with batch normalisation", 10, epochs=20),
        LspModel("hmappose", "HmapPose", 9, epochs=80),
        LspModel("simplepose", "SimplePose", 9, epochs=120),
        LspModel("deeppose", "DeepPose, three stages", 9, epochs=90, later_phases=(0.35, 0.675)),
        LspModel("eol", "Efficient object localization", 10, epochs=40, later_phases=(0.6, 0.8)),
        LspModel("simplebaseline_r18", "SimpleBaseline, ResNet-18", 9, epochs=100),
        LspModel("cpm", "CPM as released", 380),
        LspModel("openpose", "OpenPose, whole images", 60, sees_crops=False),
    )
}


def find_model(name: str) -> LspModel:
    """Return a model of the ledger.

    Raises:
        ValueError: There is none of that name.
    """
    if name not in MODELS:
        raise ValueError(f"there is no model '{name}'; name one of {', '.join(MODELS)}")
    return MODELS[name]


def training_overrides(
    model: LspModel, *, epochs: int | None, packed: str | None, tiny: bool
) -> list[str]:
    """Return all overrides of a model's config, as `tools/train.py --cfg-options` takes them.

    Args:
        model: Whose.
        epochs: How long it is trained; None is as planned.
        packed: The folder of its packed people; None reads the images themselves.
        tiny: Whether it is only tried out: a few iterations of a narrow model, in float32.

    Raises:
        ValueError: The model looks at whole images, and people are packed.
    """
    if packed and not model.sees_crops:
        raise ValueError(f"{model.id} looks at whole images, not at crops; leave --packed out")
    if tiny:
        return [*tiny_overrides(model.config), *_few_people(model, packed), *_few_iterations(model)]
    return [
        *device_options(),
        "train_cfg.save_minutes=1",
        *model.options,
        *packed_people(packed),
        *_length(model, epochs or model.epochs),
    ]


def device_options() -> list[str]:
    """Return what makes the most of a GPU: bf16, channels-last, and augmentation made there."""
    workers = max(1, len(os.sched_getaffinity(0)) - 2)
    return [
        "optim_wrapper.amp=bf16",
        "train_cfg.channels_last=True",
        "train_dataloader.augment=device",
        f"train_dataloader.num_workers={workers}",
    ]


def packed_people(folder: str | None) -> list[str]:
    """Return overrides that read the people of LSP and LSPET from packed crops."""
    if folder is None:
        return []
    return [
        f"{place}={ {'type': 'PackedCrops', 'part': part, 'folder': folder}!r}"
        for place, part in PLACES.items()
    ]


def _length(model: LspModel, epochs: int | None) -> list[str]:
    if epochs is None:
        return []
    starts = tuple(round(epochs * part) for part in model.later_phases)
    return [
        "train_cfg.max_iters=None",
        f"train_cfg.max_epochs={epochs}",
        f"train_cfg.val_interval={max(1, epochs // VALIDATIONS)}",
        f"train_cfg.phase_starts={starts}",
    ]


def _few_people(model: LspModel, packed: str | None) -> list[str]:
    if packed:
        return [*packed_people(packed), "train_dataloader.dataset.ratios=(1.0,1.0)"]
    people = {"type": "SyntheticPeople", "num_people": 8, "size": 96}
    dataset = people if model.sees_crops else {"type": "Scenes", "dataset": people}
    return [f"{place}={dataset!r}" for place in GENERATED]


def _few_iterations(model: LspModel) -> list[str]:
    starts = tuple(range(1, 1 + len(model.later_phases)))
    return [
        "train_cfg.channels_last=False",  # in which narrow layers can crash on a CPU
        "train_cfg.max_epochs=None",
        "train_cfg.max_iters=4",
        "train_cfg.val_interval=2",
        f"train_cfg.phase_starts={starts}",
    ]
