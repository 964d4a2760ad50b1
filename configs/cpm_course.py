_base_ = ["_base_/course.py", "_base_/cpm.py"]
# Three stages of the Convolutional Pose Machine, narrow enough for two CPU cores.
from poseforge.recipes.data import generated_course
from poseforge.recipes.schedule import adamw_cosine

codec = dict(type="Heatmap", input_size=(96, 96), stride=8, sigma_px=6.0, extra="background")
model = dict(
    backbone=dict(width=16, batch_norm=True),
    head=dict(num_stages=3, width=16, batch_norm=True),
)
train_dataloader, val_dataloader, test_dataloader = generated_course(codec)
optim_wrapper, param_scheduler = adamw_cosine(2e-3, warmup_iters=100)
train_cfg = dict(max_iters=2000, val_interval=500)
