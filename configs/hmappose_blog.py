_base_ = ["_base_/run.py", "_base_/hmappose.py"]
# The seed article's own regime: LSPET only, the whole image squeezed to a square, no augmentation.
from poseforge.recipes.data import lsp_of_the_article
from poseforge.recipes.schedule import adam_constant

codec = dict(
    type="Heatmap",
    input_size=(256, 256),
    stride=8,
    sigma_px=12.0,
    extra="sum",
    half_stride=False,
)
train_dataloader, val_dataloader, test_dataloader = lsp_of_the_article(codec)
optim_wrapper, param_scheduler = adam_constant(1e-4)
train_cfg = dict(max_epochs=10, val_interval=1)
