"""What the engine is built on, loaded without what mmengine brings along and we do not use.

mmengine's Runner comes with wrappers of torch's sharded training, and they with a computer algebra
system: a second of every start. mmengine does without where torch has no sharded training, so for
the time of the import it is told so; afterwards anyone can import it.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

WITHOUT = ("torch.distributed.optim", "torch.distributed.fsdp")
WRAPPER = "mmengine.model.wrappers.fully_sharded_distributed"  # mmengine does not ask before it


@contextmanager
def _without_sharding() -> Iterator[None]:
    absent = [name for name in WITHOUT if name not in sys.modules]
    stand_in = ModuleType(WRAPPER)
    stand_in.MMFullyShardedDataParallel = None  # type: ignore[attr-defined]
    sys.modules.update(dict.fromkeys(absent))  # type: ignore[arg-type]
    placed = sys.modules.setdefault(WRAPPER, stand_in) is stand_in
    try:
        yield
    finally:
        for name in [*absent, *[WRAPPER] * placed]:
            del sys.modules[name]


with _without_sharding():
    from mmengine.hooks import Hook
    from mmengine.optim import OptimWrapper
    from mmengine.registry import LOOPS
    from mmengine.runner import BaseLoop, Runner

__all__ = ["LOOPS", "BaseLoop", "Hook", "OptimWrapper", "Runner"]
