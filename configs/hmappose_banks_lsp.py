_base_ = ["_base_/run.py", "_base_/hmappose.py"]
# HmapPose with the resolution banks of Tompson et al., CVPR 2015, in place of its one stack: the
# same picture is also seen at half and quarter size, so a cell sees up to four times as far.
from poseforge.recipes.data import lsp
from poseforge.recipes.schedule import adamw_cosine

codec = dict(type="Heatmap", input_size=(256, 256), stride=8, sigma_px=12.0, extra="sum")
model = dict(
    backbone=dict(_delete_=True, type="MultiResolutionBanks", stride=8),
    head=dict(in_channels=512, kernel_size=1, widths=(256, 256)),
)
train_dataloader, val_dataloader, test_dataloader = lsp(codec, batch_size=32)
optim_wrapper, param_scheduler = adamw_cosine(5e-4)
ema = dict(momentum=1e-3)
train_cfg = dict(max_epochs=200, val_interval=5)
