_base_ = ["_base_/course.py", "_base_/hmappose.py"]
# HmapPose, narrow enough to be compared with the others on two CPU cores.
from poseforge.recipes.data import generated_course
from poseforge.recipes.schedule import adamw_cosine

codec = dict(type="Heatmap", input_size=(96, 96), stride=8, sigma_px=6.0, extra="sum")
model = dict(
    backbone=dict(channels=(16, 32, 64), batch_norm=True),
    head=dict(in_channels=64, widths=(128, 64, 64), batch_norm=True),
)
train_dataloader, val_dataloader, test_dataloader = generated_course(codec)
optim_wrapper, param_scheduler = adamw_cosine(2e-3, warmup_iters=100)
train_cfg = dict(max_iters=2000, val_interval=500)
