_base_ = ["_base_/run.py", "_base_/cpm.py"]
# Convolutional Pose Machines (Wei et al., CVPR 2016) as released: 395 000 iterations of 16 images.
# It departs from the release: LSP's last 100 training images choose the best checkpoint, unlabelled
# joints are masked, the crop comes from the joints' box, and maxima are decoded by DARK.
from poseforge.recipes.data import augmented_crops, lsp
from poseforge.recipes.schedule import cpm_release

codec = dict(
    type="Heatmap",
    input_size=(368, 368),
    stride=8,
    sigma_px=7.0,
    truncate=4.6052,
    extra="background",
)
train_dataloader, val_dataloader, test_dataloader = lsp(
    codec, batch_size=16, train=augmented_crops(codec, shift=0.0, color=False)
)
optim_wrapper, param_scheduler = cpm_release()
train_cfg = dict(max_iters=395_000, val_interval=5_000)
