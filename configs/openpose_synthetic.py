_base_ = ["_base_/openpose_compact.py"]
# OpenPose on pictures of 1 to 4 generated people: no files needed, small enough for a CPU. Cells of
# 4 pixels tell the joints of small people apart.
from poseforge.recipes.fields import synthetic_scenes
from poseforge.recipes.schedule import adamw_cosine

codec = dict(
    type="PartFields",
    input_size=(192, 192),
    stride=4,
    sigma_px=6.0,
    width_px=4.0,
    skeleton="lsp14",
    unlabelled_margin=None,
)
train_dataloader, val_dataloader, test_dataloader = synthetic_scenes(
    codec, people=70_000, batch_size=8
)
# Fuller pictures than those of the tests: more to learn from for the same work.
train_dataloader["dataset"]["dataset"]["people"] = (2, 5)
optim_wrapper, param_scheduler = adamw_cosine(2e-3, clip_norm=100.0)
ema = dict(momentum=1e-3)
train_cfg = dict(max_epochs=20, val_interval=1, channels_last=True)
metrics = [dict(type="OKSAP")]
