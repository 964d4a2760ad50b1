_base_ = ["_base_/run.py", "_base_/simplepose.py"]
# Is the chain right? A narrow SimplePose learns 16 people by heart and is tested on them.
from poseforge.recipes.data import lsp_sixteen
from poseforge.recipes.schedule import adamw_cosine

codec = dict(type="Coordinates", input_size=(64, 64))
model = dict(
    backbone=dict(channels=(16, 16, 32), batch_norm=True),
    head=dict(in_features=32 * 8 * 8, hidden=(256,)),
)
train_dataloader, val_dataloader, test_dataloader = lsp_sixteen(codec)
optim_wrapper, param_scheduler = adamw_cosine(2e-3, warmup_iters=20)
train_cfg = dict(max_iters=400, val_interval=100)
