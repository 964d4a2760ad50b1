_base_ = ["_base_/run.py", "_base_/openpose.py"]
# OpenPose (Cao et al., CVPR 2017) on whole images of LSP and LSPET, whose one labelled person it is
# not told the place of; for comparison with the models that are.
from poseforge.recipes.fields import lsp_scenes
from poseforge.recipes.schedule import adamw_cosine

codec = dict(
    type="PartFields", input_size=(368, 368), stride=8, sigma_px=7.0, width_px=8.0, skeleton="lsp14"
)
train_dataloader, val_dataloader, test_dataloader = lsp_scenes(codec, batch_size=16)
model = dict(
    backbone=dict(batch_norm=True),
    head=dict(num_keypoints=14, num_links=14, num_middles=0, batch_norm=True),
)
optim_wrapper, param_scheduler = adamw_cosine(5e-4)
train_cfg = dict(max_epochs=100, val_interval=5)
metrics = [dict(type="OKSAP")]
