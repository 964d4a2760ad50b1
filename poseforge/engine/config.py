"""Load a config: a Python file in mmengine's text style, with checked keys and overrides.

A config is code: it is executed. Never load one from a source that is not trusted.
"""

import ast
import copy
from collections.abc import Iterable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from mmengine.config import Config

from poseforge.engine.settings import (
    EmaSettings,
    LoaderSettings,
    OptimSettings,
    ScalingSettings,
    ScheduleSettings,
    TrainSettings,
    read_section,
)
from poseforge.registry import UnknownNameError, import_beside, nearest

SECTIONS: dict[str, type] = {
    "train_dataloader": LoaderSettings,
    "val_dataloader": LoaderSettings,
    "test_dataloader": LoaderSettings,
    "train_cfg": TrainSettings,
    "optim_wrapper": OptimSettings,
    "param_scheduler": ScheduleSettings,
    "ema": EmaSettings,
    "auto_scale_lr": ScalingSettings,
}
KEYS = ("codec", "model", *SECTIONS, "metrics", "custom_hooks", "seed", "work_dir", "device")
DEFAULTS: dict[str, Any] = {
    "param_scheduler": {},
    "ema": None,
    "auto_scale_lr": None,
    "custom_hooks": [],
    "seed": 0,
    "work_dir": None,
    "device": None,
}


class ConfigError(ValueError):
    """A config that cannot be used; the message says where and what to do."""


class RunConfig:
    """A loaded config: plain values by key, and the engine's sections as typed settings.

    Args:
        name: What the run is called: the file's stem.
        values: All keys of the config.
    """

    def __init__(self, name: str, values: Mapping[str, Any]) -> None:
        self.name = name
        self.values = {**copy.deepcopy(DEFAULTS), **values}
        _check_keys(self.values)
        for section in SECTIONS:
            if self.values.get(section) is not None:
                self.section(section)

    def section(self, name: str) -> Any:
        """Return one section's settings.

        Raises:
            ConfigError: The config has no such section.
        """
        if self.values.get(name) is None:
            raise ConfigError(f"the config {self.name} has no {name}; add it")
        return read_section(SECTIONS[name], name, self.values[name])

    @property
    def train(self) -> TrainSettings:
        """`train_cfg`."""
        return self.section("train_cfg")  # type: ignore[no-any-return]

    @property
    def optim(self) -> OptimSettings:
        """`optim_wrapper`."""
        return self.section("optim_wrapper")  # type: ignore[no-any-return]

    @property
    def schedule(self) -> ScheduleSettings:
        """`param_scheduler`."""
        return self.section("param_scheduler")  # type: ignore[no-any-return]

    @property
    def ema(self) -> EmaSettings | None:
        """`ema`, or None where the config does not average weights."""
        return None if self.values["ema"] is None else self.section("ema")

    @property
    def scaling(self) -> ScalingSettings | None:
        """`auto_scale_lr`, or None where the config does not say what to scale from."""
        return None if self.values["auto_scale_lr"] is None else self.section("auto_scale_lr")

    @property
    def model(self) -> dict[str, Any]:
        """The estimator's config, the config's codec included."""
        for key in ("model", "codec"):
            if key not in self.values:
                raise ConfigError(f"the config {self.name} has no {key}; add it")
        return {**self.values["model"], "codec": self.values["codec"]}


def load_config(path: str | Path, overrides: Iterable[str] = ()) -> RunConfig:
    """Load a config file and apply overrides.

    Args:
        path: A `.py` file; plugin files beside it become importable by dotted types.
        overrides: `key.subkey=value` each, as from `--cfg-options`.

    Raises:
        ConfigError: The file does not exist, fails to run, or an override does not fit.
        UnknownNameError: A key is misspelt.
    """
    path = Path(path)
    if not path.is_file():
        raise ConfigError(f"the config {path} does not exist{_near_file(path)}")
    if path.suffix != ".py":
        raise ConfigError(f"the config {path} is not a Python file; configs end in .py")
    import_beside(str(path.resolve().parent))
    try:
        loaded = Config.fromfile(str(path), lazy_import=False, format_python_code=False)
    except UnknownNameError:
        raise
    except Exception as error:  # a config is arbitrary code
        raise ConfigError(f"the config {path} cannot be loaded: {error}") from error
    values = {**copy.deepcopy(DEFAULTS), **_plain(loaded.to_dict())}
    for override in overrides:
        _apply(values, override)
    return RunConfig(path.stem, values)


def _near_file(path: Path) -> str:
    siblings = {p.name: p for p in path.parent.glob("*.py")} if path.parent.is_dir() else {}
    hint = nearest(path.name, siblings)
    return hint or "; give the path of a .py file, such as configs/quickstart.py"


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return tuple(_plain(item) for item in value) if isinstance(value, tuple) else value


def _check_keys(values: Mapping[str, Any]) -> None:
    for key in values:
        if key not in KEYS:
            raise UnknownNameError(
                f"the config has a key '{key}' that PoseForge does not know"
                f"{nearest(key, KEYS)} (it knows {', '.join(KEYS)})"
            )


def _apply(values: dict[str, Any], override: str) -> None:
    path, equals, text = override.partition("=")
    if not equals or not path:
        raise ConfigError(f"--cfg-options '{override}' is not of the form key.subkey=value")
    *parents, last = path.split(".")
    place: Any = values
    for depth, part in enumerate(parents):
        place = _step_into(place, part, path)
        if place is None:
            place = _create_section(values, parents[: depth + 1], path)
    if isinstance(place, list):
        place[_position(place, last, path)] = _value(text)
        return
    if not isinstance(place, dict):
        raise ConfigError(f"--cfg-options '{path}': {'.'.join(parents)} is a value, not a section")
    known = _known_keys(parents, place)
    if known is not None and last not in known:
        raise UnknownNameError(
            f"--cfg-options '{path}': there is no key '{last}'{nearest(last, known)} "
            f"(there are {', '.join(known)})"
        )
    place[last] = _value(text)


def _create_section(values: dict[str, Any], parents: list[str], path: str) -> dict[str, Any]:
    if len(parents) == 1 and parents[0] in SECTIONS:
        values[parents[0]] = {}
        return values[parents[0]]  # type: ignore[no-any-return]
    raise ConfigError(f"--cfg-options '{path}': the config's {'.'.join(parents)} is None")


def _known_keys(parents: list[str], place: Mapping[str, Any]) -> tuple[str, ...] | None:
    if not parents:
        return KEYS
    if len(parents) == 1 and parents[0] in SECTIONS:
        return tuple(field.name for field in fields(SECTIONS[parents[0]]))
    return None if "type" in place else tuple(place)  # a part's arguments are checked at build


def _step_into(place: Any, part: str, path: str) -> Any:
    if isinstance(place, list):
        return place[_position(place, part, path)]
    if not isinstance(place, dict):
        raise ConfigError(f"--cfg-options '{path}': what stands before '{part}' is not a section")
    if part not in place:
        if part in SECTIONS:
            return None  # an optional section that the config leaves out
        raise UnknownNameError(
            f"--cfg-options '{path}': there is no key '{part}'{nearest(part, place)}"
        )
    return place[part]


def _position(place: list[Any], part: str, path: str) -> int:
    if not part.isdecimal() or int(part) >= len(place):
        raise ConfigError(
            f"--cfg-options '{path}': '{part}' is not a position in a list of {len(place)}"
        )
    return int(part)


def _value(text: str) -> Any:
    words = {"true": True, "false": False, "none": None}
    if text.lower() in words:
        return words[text.lower()]
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text
