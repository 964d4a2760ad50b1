_base_ = ["_base_/run.py", "_base_/deeppose.py"]
# DeepPose (Toshev and Szegedy, CVPR 2014): three stages, each trained after the one before.
# From the paper: 220 x 220, Adagrad at 5e-4, batches of 128, dropout 0.6, sigma 2.0, shifted crops
# and mirroring. The lengths are ours: 280 epochs of 4 views an image are its 40 simulations of each
# joint of each image and of its mirror image; it says nothing of the first stage's in images.
from poseforge.recipes.data import augmented_crops, lsp

codec = dict(type="Coordinates", input_size=(440, 440))  # twice the views: zooming in shows more
model = dict(views_per_image=4)
train_dataloader, val_dataloader, test_dataloader = lsp(
    codec,
    batch_size=128,
    train=augmented_crops(codec, scale=(1.0, 1.0), rotate_deg=0.0, shift=0.1, color=False),
)
optim_wrapper = dict(optimizer=dict(type="Adagrad", lr=5e-4))
train_cfg = dict(max_epochs=860, phase_starts=(300, 580), val_interval=10)
