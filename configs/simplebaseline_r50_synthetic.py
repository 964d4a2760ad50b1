_base_ = ["_base_/run.py", "_base_/simplebaseline.py"]
# Simple baselines' ResNet-50 on generated people: no files needed.
from poseforge.recipes.data import synthetic

codec = dict(type="Heatmap", input_size=(256, 256), stride=4, sigma_px=8.0)
train_dataloader, val_dataloader, test_dataloader = synthetic(
    codec, people=20_000, batch_size=64, size=288
)
model = dict(skeleton="lsp14", head=dict(num_keypoints=14))
train_cfg = dict(max_epochs=20, val_interval=1)
