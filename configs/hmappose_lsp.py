_base_ = ["_base_/run.py", "_base_/hmappose.py"]
# HmapPose, the seed article's second model, trained with today's augmentation and schedule.
from poseforge.recipes.data import lsp
from poseforge.recipes.schedule import adamw_cosine

codec = dict(type="Heatmap", input_size=(256, 256), stride=8, sigma_px=12.0, extra="sum")
train_dataloader, val_dataloader, test_dataloader = lsp(codec, batch_size=32)
optim_wrapper, param_scheduler = adamw_cosine(5e-4)
ema = dict(momentum=1e-3)
train_cfg = dict(max_epochs=200, val_interval=5)
