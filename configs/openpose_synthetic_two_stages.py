_base_ = ["openpose_synthetic.py"]
# The second stage of OpenPose on top of the first, which openpose_synthetic.py has learnt: it sees
# the first one's maps and fields beside the features. All learn on, but for the finest features.
from poseforge.recipes.schedule import adamw_cosine

model = dict(backbone=dict(frozen_stages=2), head=dict(num_stages=2))
custom_hooks = [
    dict(
        type="StartFrom",
        checkpoint="work_dirs/openpose_synthetic/best.pth",
        parts=("backbone", "neck", "head.branches.0"),
    )
]
optim_wrapper, param_scheduler = adamw_cosine(1e-3, clip_norm=100.0)
train_cfg = dict(max_iters=2800, val_interval=700)
