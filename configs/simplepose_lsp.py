_base_ = ["_base_/run.py", "_base_/simplepose.py"]
# SimplePose, the seed article's first model, trained with today's augmentation and schedule.
from poseforge.recipes.data import lsp
from poseforge.recipes.schedule import adamw_cosine

codec = dict(type="Coordinates", input_size=(128, 128))
train_dataloader, val_dataloader, test_dataloader = lsp(codec, batch_size=64)
optim_wrapper, param_scheduler = adamw_cosine(3e-4)
ema = dict(momentum=1e-3)
train_cfg = dict(max_epochs=200, val_interval=5)
