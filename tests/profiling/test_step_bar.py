from poseforge.profiling.spans import OWN_COST, Key, SpanTime
from poseforge.profiling.step_bar import bar_of


def spans(*rows):
    return [
        SpanTime(name if isinstance(name, Key) else Key(name, "forward"), parent, seconds, seconds)
        for name, parent, seconds in rows
    ]


def test_each_span_belongs_to_the_innermost_stage_that_it_is_in():
    step = spans(
        ("step", None, 1.0),
        ("copy to the device", 0, 2.0),
        ("model", 0, 4.0),
        ("backbone", 2, 8.0),
        ("codec.encode", 2, 16.0),
        ("head.loss", 2, 32.0),
        ("head.criterion", 5, 64.0),
        (OWN_COST, 0, 1000.0),
        (Key("backward pass", "backward"), 0, 128.0),
        (Key("backbone", "backward"), 8, 256.0),
        ("optimizer", 0, 512.0),
    )
    assert {stage.name: stage.seconds for stage in bar_of([step])} == {
        "copy to the device": 2.0, "encode targets": 16.0, "forward": 12.0, "loss": 96.0,
        "backward": 384.0, "optimizer": 512.0, "between": 1.0,
    }  # fmt: skip


def test_compiled_code_is_forward():
    step = spans(("step", None, 1.0), ("compiled region 1", 0, 5.0))
    assert [(stage.name, stage.seconds) for stage in bar_of([step])] == [
        ("forward", 5.0), ("between", 1.0)
    ]  # fmt: skip
