_base_ = ["_base_/openpose_compact.py"]
# OpenPose on pictures of 1 to 4 generated people: no files needed, small enough for a CPU. It
# learns from parts of 256 pixels of pictures of 2 to 5 people: they are full of people, so that
# there is more to learn from for the same work.
from poseforge.recipes.fields import synthetic_scenes
from poseforge.recipes.schedule import adamw_cosine

codec = dict(
    type="PartFields",
    input_size=(384, 384),
    stride=8,
    sigma_px=12.0,
    width_px=8.0,
    skeleton="lsp14",
    unlabelled_margin=None,
    complete=True,
)
train_dataloader, val_dataloader, test_dataloader = synthetic_scenes(
    codec, people=350_000, batch_size=16, size=384, part=2 / 3, shift=0.25
)
train_dataloader["dataset"]["dataset"]["people"] = (2, 5)
optim_wrapper, param_scheduler = adamw_cosine(2e-3, clip_norm=100.0)
ema = dict(momentum=2e-3)
train_cfg = dict(max_iters=13_000, val_interval=1000, channels_last=True)
metrics = [dict(type="OKSAP")]
