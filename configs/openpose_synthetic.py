_base_ = ["_base_/openpose_compact.py"]
# OpenPose with two stages on pictures of 1 to 4 generated people, for a GPU: no files needed. It
# learns from parts of 384 pixels of pictures of 2 to 5: full of people, to learn more for the work.
from poseforge.recipes.fields import synthetic_scenes
from poseforge.recipes.schedule import adamw_cosine

codec = dict(
    type="PartFields",
    input_size=(512, 512),
    stride=8,
    sigma_px=12.0,
    width_px=8.0,
    skeleton="lsp14",
    unlabelled_margin=None,
    complete=True,
    affinity_threshold=0.02,
)
train_dataloader, val_dataloader, test_dataloader = synthetic_scenes(
    codec, people=350_000, train_per_picture=(2, 5), batch_size=32, size=384, part=3 / 4, shift=0.15
)
optim_wrapper, param_scheduler = adamw_cosine(2e-3, clip_norm=100.0)
ema = dict(momentum=2e-3)
train_cfg = dict(max_iters=6000, val_interval=1500, channels_last=True)
metrics = [dict(type="OKSAP")]
