_base_ = ["_base_/run.py", "_base_/small.py"]
# Two CPU cores, no downloads, a few minutes: a small network learns generated people.
from poseforge.recipes.data import augmented_crops, synthetic
from poseforge.recipes.schedule import adamw_cosine

codec = dict(type="Heatmap", input_size=(96, 96), stride=16, sigma_px=12.0)
train_dataloader, val_dataloader, test_dataloader = synthetic(
    codec,
    people=6_000,
    size=128,
    batch_size=16,
    train=augmented_crops(codec, scale=(0.9, 1.1), rotate_deg=10.0, shift=0.05, color=False),
)
optim_wrapper, param_scheduler = adamw_cosine(4e-3, warmup_iters=100)
train_cfg = dict(max_epochs=3, val_interval=1, log_interval=20, channels_last=True)
