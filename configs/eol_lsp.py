_base_ = ["_base_/run.py", "_base_/eol.py"]
# Efficient object localization (Tompson et al., CVPR 2015) with a coarse model of 8x pooling:
# 120 epochs coarse, 40 fine, 40 both. Augmentation is the paper's; its optimizer, batch size and
# length are not known to us, and its target's sigma of 1.5 cells is from memory.
from poseforge.recipes.data import augmented_crops, lsp
from poseforge.recipes.schedule import adamw_cosine

codec = dict(type="Heatmap", input_size=(256, 256), stride=8, sigma_px=12.0)
train_dataloader, val_dataloader, test_dataloader = lsp(
    codec,
    batch_size=32,
    train=augmented_crops(codec, scale=(0.5, 1.5), rotate_deg=20.0, color=False),
)
optim_wrapper, param_scheduler = adamw_cosine(5e-4)
train_cfg = dict(max_epochs=200, phase_starts=(120, 160), val_interval=5)
