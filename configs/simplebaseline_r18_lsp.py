_base_ = ["_base_/run.py", "_base_/simplebaseline.py"]
# SimpleBaseline with ResNet-18, from scratch, with today's training in place of the paper's.
from poseforge.recipes.data import lsp
from poseforge.recipes.schedule import adamw_cosine

codec = dict(type="Heatmap", input_size=(256, 256), stride=4, sigma_px=8.0)
train_dataloader, val_dataloader, test_dataloader = lsp(codec, batch_size=64)
model = dict(
    skeleton="lsp14",
    backbone=dict(name="resnet18"),
    neck=dict(in_channels=512),
    head=dict(num_keypoints=14, loss=dict(scale=100.0)),
)
optim_wrapper, param_scheduler = adamw_cosine(1e-3)
ema = dict(momentum=1e-3)
train_cfg = dict(max_epochs=100, val_interval=5, channels_last=True)
