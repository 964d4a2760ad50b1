_base_ = ["_base_/run.py"]
# Two CPU cores, no downloads, six minutes: a small network learns generated people.
from poseforge.recipes.data import synthetic
from poseforge.recipes.schedule import adamw_cosine

codec = dict(type="Heatmap", input_size=(128, 128), stride=16, sigma_px=14.0)
model = dict(
    type="TopDown",
    skeleton="lsp14",
    backbone=dict(type="ConvStack", channels=(16, 32, 64, 128), kernel_size=3, batch_norm=True),
    head=dict(
        type="HeatmapHead",
        in_channels=128,
        num_keypoints=14,
        kernel_size=7,
        widths=(128, 128),
        batch_norm=True,
        loss=dict(type="HeatmapMSE", scale=100.0),
    ),
)
train_dataloader, val_dataloader, test_dataloader = synthetic(codec, people=9_000, batch_size=32)
optim_wrapper, param_scheduler = adamw_cosine(3e-3, warmup_iters=60)
train_cfg = dict(max_epochs=3, val_interval=1, channels_last=True)
