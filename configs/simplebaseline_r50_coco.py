_base_ = ["_base_/simplebaseline.py"]
# Simple baselines (Xiao et al., ECCV 2018), ResNet-50 at 256 x 192, on COCO: 128 people a step,
# scale by up to 30 %, 40 degrees, mirrored. It is drawn evenly, and no crop shows half a body.
from poseforge.recipes.data import augmented_crops, coco

codec = dict(type="Heatmap", input_size=(192, 256), stride=4, sigma_px=8.0, refine="quarter")
train_dataloader, val_dataloader, test_dataloader = coco(
    codec,
    batch_size=128,
    train=augmented_crops(codec, skeleton="coco17", shift=0.0, color=False),
)
metrics = [dict(type="OKSAP")]
