_base_ = ["_base_/run.py", "_base_/openpose_narrow.py"]
# A narrow OpenPose for two CPU cores; unlike the others it sees whole pictures, told no boxes.
from poseforge.recipes.fields import synthetic_scenes
from poseforge.recipes.schedule import adamw_cosine

codec = dict(
    type="PartFields",
    input_size=(128, 128),
    stride=4,
    sigma_px=4.0,
    width_px=4.0,
    skeleton="lsp14",
    unlabelled_margin=None,
)
model = dict(
    backbone=dict(widths=(16, 32, 64, 96), depths=(1, 1, 1, 1)),
    neck=dict(in_channels=(16, 32, 64, 96), width=32),
    head=dict(in_channels=32, widths=((16, 48), (16, 48))),
)
train_dataloader, val_dataloader, test_dataloader = synthetic_scenes(
    codec, people=20_000, batch_size=16, per_picture=(1, 1), size=128
)
optim_wrapper, param_scheduler = adamw_cosine(4e-3, warmup_iters=100, clip_norm=50.0)
train_cfg = dict(max_iters=2000, val_interval=500)
metrics = [dict(type="OKSAP")]
