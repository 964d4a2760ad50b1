_base_ = ["_base_/run.py", "_base_/simplepose.py"]
# SimplePose on generated people: no files needed.
from poseforge.recipes.data import synthetic
from poseforge.recipes.schedule import adamw_cosine

codec = dict(type="Coordinates", input_size=(128, 128))
train_dataloader, val_dataloader, test_dataloader = synthetic(codec, people=20_000, batch_size=64)
optim_wrapper, param_scheduler = adamw_cosine(3e-4)
train_cfg = dict(max_epochs=20, val_interval=1)
