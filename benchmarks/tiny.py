"""Overrides that make a config of the house run in seconds on a CPU, to try scripts out."""

import os
from pathlib import Path

MODELS = {
    "compact": (
        "model.backbone.widths=(8,16)",
        "model.backbone.depths=(1,1)",
        "model.neck={'type':'FeaturePyramid','in_channels':(8,16),'width':8}",
        "model.head.in_channels=8",
        "model.head.widths=(8,)",
    ),
    "cpm": ("model.backbone.width=4", "model.head.width=4", "model.head.num_stages=2"),
    "deeppose": (
        "model.first.backbone.channels=(4,4,4,4,4)",
        "model.first.head.in_features=144",  # 4 channels of 6 x 6 cells
        "model.first.head.hidden=(16,)",
        "train_cfg.phase_starts=(1,2)",
    ),
    "eol": (
        "model.backbone.width=4",
        "model.backbone.wide=8",
        "model.head.in_channels=8",
        "model.head.widths=(8,8)",
        "model.fine_head.channels=4",
        "train_cfg.phase_starts=(1,2)",
    ),
    "hmappose": (
        "model.backbone.channels=(4,4,4)",
        "model.head.in_channels=4",
        "model.head.widths=(8,8)",
    ),
    "openpose": (
        "model.backbone={'type':'ConvStack','channels':(4,4),'kernel_size':3}",
        "model.neck=None",
        "model.head={'type':'DensePAFHead','num_keypoints':14,'num_links':14,'num_stages':(1,1),"
        "'in_channels':4,'widths':((4,8),(4,8)),"
        "'loss':{'type':'HeatmapMSE','reduction':'sum'}}",
        "codec.stride=4",
        "custom_hooks=[]",  # weights of the full width do not fit
    ),
    "simplebaseline": (
        "model.backbone={'type':'ConvStack','channels':(4,4,4,4,4),'kernel_size':3}",
        "model.neck={'type':'Deconvolutions','in_channels':4,'widths':(8,8,8)}",
        "model.head.in_channels=8",
    ),
    "simplepose": (
        "model.backbone.channels=(4,4,4)",
        "model.head.in_features=256",  # 4 channels of 8 x 8 cells
        "model.head.hidden=(16,)",
    ),
}
LOADERS = ("train_dataloader", "val_dataloader", "test_dataloader")


def tiny_overrides(config: str | Path) -> list[str]:
    """Return `key=value` overrides: a narrow model, inputs of 64 x 64 and batches of 4 people."""
    family, *_, data = Path(config).stem.split("_")
    if family not in MODELS:
        raise ValueError(f"there is no tiny form of {config}; there is of {', '.join(MODELS)}_*")
    chosen = ["codec.input_size=(64,64)", *MODELS[family]]
    for loader in LOADERS:
        chosen += [f"{loader}.batch_size=4", f"{loader}.num_workers=0"]
        chosen += [f"{loader}.transforms.0.size=(64,64)"]
    people = "dataset.dataset" if family == "openpose" else "dataset"  # in Scenes
    if data == "synthetic":
        chosen += [f"{loader}.{people}.num_people=16" for loader in LOADERS]
        return [*chosen, *(f"{loader}.{people}.size=96" for loader in LOADERS)]
    few = [f"train_dataloader.{people}.ratios=(0.02,0.002)"] if data == "lsp" else []
    return [*chosen, *few, f"test_dataloader.{people}.split=val"]


def has_leeds() -> bool:
    """Return whether the variable POSEFORGE_DATA names a folder with both Leeds data sets."""
    root = os.environ.get("POSEFORGE_DATA")
    return bool(root) and all((Path(root) / name).is_dir() for name in ("lsp", "lspet"))
