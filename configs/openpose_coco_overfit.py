_base_ = ["_base_/run.py", "_base_/openpose_narrow.py"]
# Is the chain right? A narrow OpenPose learns 16 images of COCO by heart, tested on them. Perfect
# outputs would score 96.1 there: some joints hang together with no other one.
from poseforge.recipes.fields import coco_limbs, coco_sixteen
from poseforge.recipes.schedule import adamw_cosine

codec = dict(
    type="PartFields",
    input_size=(320, 320),
    stride=4,
    sigma_px=4.0,
    width_px=4.0,
    skeleton="coco17",
    links=coco_limbs(),
    unlabelled_margin=None,  # as in the papers; to be learnt by heart, everything must be said
)
model = dict(head=dict(num_keypoints=17, num_links=19, num_middles=1))
train_dataloader, val_dataloader, test_dataloader = coco_sixteen(codec)
optim_wrapper, param_scheduler = adamw_cosine(3e-3, warmup_iters=50, clip_norm=100.0)
train_cfg = dict(max_iters=2800, val_interval=400, channels_last=True)
metrics = [dict(type="OKSAP")]
