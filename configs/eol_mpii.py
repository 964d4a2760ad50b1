_base_ = ["_base_/run.py", "_base_/eol.py"]
# Efficient object localization (Tompson et al., CVPR 2015) on MPII at 256 x 256, with the 4x
# pooling of its finest model. What is the paper's and what is not is said in eol_lsp.py.
from poseforge.recipes.data import augmented_crops, mpii
from poseforge.recipes.schedule import adamw_cosine

codec = dict(type="Heatmap", input_size=(256, 256), stride=4, sigma_px=6.0)
model = dict(
    skeleton="mpii16",
    backbone=dict(stride=4),
    head=dict(num_keypoints=16),
    fine_head=dict(num_keypoints=16),
)
train_dataloader, val_dataloader, test_dataloader = mpii(
    codec,
    batch_size=32,
    train=augmented_crops(codec, skeleton="mpii16", scale=(0.5, 1.5), rotate_deg=20.0, color=False),
)
optim_wrapper, param_scheduler = adamw_cosine(5e-4)
metrics = [dict(type="PCKh")]
train_cfg = dict(max_epochs=140, phase_starts=(80, 110), val_interval=5)
