_base_ = ["_base_/run.py", "_base_/eol.py"]
# Efficient object localization with batch normalisation on generated people: no files needed.
from poseforge.recipes.data import synthetic
from poseforge.recipes.schedule import adamw_cosine

codec = dict(type="Heatmap", input_size=(256, 256), stride=8, sigma_px=12.0)
model = dict(
    backbone=dict(batch_norm=True), head=dict(batch_norm=True), fine_head=dict(batch_norm=True)
)
train_dataloader, val_dataloader, test_dataloader = synthetic(
    codec, people=20_000, batch_size=32, size=288
)
optim_wrapper, param_scheduler = adamw_cosine(5e-4)
train_cfg = dict(max_epochs=20, phase_starts=(12, 16), val_interval=1)
