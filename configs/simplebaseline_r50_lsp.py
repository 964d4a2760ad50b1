_base_ = ["_base_/run.py", "_base_/simplebaseline.py"]
# The network and training of Xiao et al. (ECCV 2018) on LSP and LSPET, at 256 x 256 as on MPII.
from poseforge.recipes.data import augmented_crops, lsp

codec = dict(type="Heatmap", input_size=(256, 256), stride=4, sigma_px=8.0)
train_dataloader, val_dataloader, test_dataloader = lsp(
    codec, batch_size=128, train=augmented_crops(codec, shift=0.0, color=False)
)
model = dict(skeleton="lsp14", head=dict(num_keypoints=14))
