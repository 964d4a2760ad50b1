_base_ = ["openpose_synthetic_large.py"]
# What openpose_synthetic_large.py has learnt, with more layers: of the coarse features, and where
# all are together. It learns on from parts of 3/4 of a side, in which more people are whole.
from poseforge.recipes.fields import synthetic_scenes
from poseforge.recipes.schedule import adamw_cosine

model = dict(backbone=dict(depths=(2, 2, 5, 4)), neck=dict(blocks=4))
codec = dict(affinity_threshold=0.02)
train_dataloader, val_dataloader, test_dataloader = synthetic_scenes(
    _base_.codec, people=350_000, batch_size=8, size=384, part=3 / 4, shift=0.15
)
train_dataloader["dataset"]["dataset"]["people"] = (2, 5)
custom_hooks = [
    dict(
        type="StartFrom",
        checkpoint="work_dirs/openpose_synthetic_large/best.pth",
        parts=(
            *("neck.laterals", "head", "backbone.stem", "backbone.stages.0", "backbone.stages.1"),
            *(f"backbone.stages.{block}" for block in ("2.0", "2.1", "2.2", "3.0", "3.1")),
        ),
    )
]
optim_wrapper, param_scheduler = adamw_cosine(1e-3, clip_norm=100.0)
train_cfg = dict(max_iters=6500, val_interval=1300)
