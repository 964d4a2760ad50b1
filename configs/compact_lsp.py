_base_ = ["_base_/run.py", "_base_/compact.py"]
# The model that ships, which is this one after 22 epochs: LSP and LSPET, from scratch.
from poseforge.recipes.data import augmented_crops, lsp
from poseforge.recipes.schedule import adamw_cosine

codec = dict(type="Heatmap", input_size=(128, 128), stride=4, sigma_px=6.0)
train_dataloader, val_dataloader, test_dataloader = lsp(
    codec,
    batch_size=32,
    train=[*augmented_crops(codec), dict(type="CutOut", probability=0.3)],
    lsp_ratio=3.0,
)
optim_wrapper, param_scheduler = adamw_cosine(2e-3, warmup_iters=300)
ema = dict(momentum=1e-3)
train_cfg = dict(max_epochs=100, val_interval=2, channels_last=True)
