_base_ = ["_base_/run.py", "_base_/cpm.py"]
# Convolutional Pose Machines (Wei et al., CVPR 2016) as released: 395 000 iterations of 16 images.
# It departs from the release in three points: the last 100 training images of LSP choose the best
# checkpoint, joints that are not labelled are masked, and the crop comes from the joints' box.
from poseforge.recipes.data import lsp
from poseforge.recipes.schedule import cpm_release

codec = dict(
    type="Heatmap",
    input_size=(368, 368),
    stride=8,
    sigma_px=7.0,
    truncate=4.6052,
    extra="background",
)
train_dataloader, val_dataloader, test_dataloader = lsp(codec, batch_size=16)
optim_wrapper, param_scheduler = cpm_release()
train_cfg = dict(max_iters=395_000, val_interval=5_000)
