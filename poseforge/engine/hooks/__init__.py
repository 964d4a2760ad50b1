"""What happens around the training loop, a job a hook."""

from poseforge.engine.hooks.averaging import AveragingHook
from poseforge.engine.hooks.early_stop import EarlyStopHook
from poseforge.engine.hooks.phases import PhaseHook
from poseforge.engine.hooks.pictures import PicturesHook
from poseforge.engine.hooks.progress import ProgressHook
from poseforge.engine.hooks.record import RecordHook
from poseforge.engine.hooks.schedule import ScheduleHook
from poseforge.engine.hooks.start_from import StartFrom
from poseforge.engine.mmengine_parts import Hook

__all__ = [
    "AveragingHook",
    "EarlyStopHook",
    "Hook",
    "PhaseHook",
    "PicturesHook",
    "ProgressHook",
    "RecordHook",
    "ScheduleHook",
    "StartFrom",
]
