import math

import pytest

from poseforge.engine.schedule import factor
from poseforge.engine.settings import ScheduleSettings


def test_warm_up_grows_linearly_to_one():
    settings = ScheduleSettings(warmup_iters=4)
    assert [factor(settings, i, 100) for i in range(6)] == pytest.approx([0.2, 0.4, 0.6, 0.8, 1, 1])


def test_the_cosine_passes_its_middle_and_ends_at_its_minimum():
    settings = ScheduleSettings(type="cosine", warmup_iters=10, min_factor=0.1)
    assert factor(settings, 10, 110) == 1.0
    assert factor(settings, 60, 110) == pytest.approx(0.55)
    assert factor(settings, 35, 110) == pytest.approx(0.1 + 0.9 * (1 + math.sqrt(0.5)) / 2)
    assert factor(settings, 110, 110) == pytest.approx(0.1)


def test_steps_by_fractions_and_by_iterations():
    settings = ScheduleSettings(type="step", milestones=(0.5, 0.9), gamma=0.1)
    factors = [factor(settings, i, 100) for i in (0, 49, 50, 89, 90)]
    assert factors == pytest.approx([1, 1, 0.1, 0.1, 0.01])
    release = ScheduleSettings(type="step", every_iters=136106, gamma=1 / 3)
    assert factor(release, 395000, 395000) == pytest.approx(1 / 9)
