"""Registries: the names that configs use, and how a name becomes an object.

Every kind of part has a registry of its own, so that a head is never mistaken for a backbone. A
`type` in a config is either the registered name of a built-in or an installed plugin, or a dotted
path (`"my_head.MyHead"`) that is imported from a file beside the config or from any installed
package. Parts that are nested in a part's arguments (`head=dict(type=...)`, `transforms=[...]`) are
built first, each from the registry of its keyword, so that constructors receive objects.

Installed plugins announce themselves by the entry-point group `poseforge.plugins`: each entry point
names a module whose import registers its parts.
"""

import difflib
import importlib
import inspect
import sys
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from importlib.metadata import entry_points
from typing import Any

from mmengine.registry import Registry

from poseforge import PLUGIN_GROUP

VARIADIC = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


class UnknownNameError(ValueError):
    """A name that no registry, table or signature has; the message names the nearest one."""


def nearest(name: str, known: Iterable[str]) -> str:
    """Return "; did you mean 'x'?" for the known name nearest to `name`, or an empty string."""
    close = difflib.get_close_matches(name, sorted(known), n=1)
    return f"; did you mean '{close[0]}'?" if close else ""


@cache
def load_plugins() -> tuple[str, ...]:
    """Import every installed plugin once and return their names.

    The built-in parts come first, so that a plugin that takes the name of one is the one to blame.

    Raises:
        ImportError: A plugin's own import fails; the message names the plugin and the cause.
    """
    names = []
    for entry in entry_points(group=PLUGIN_GROUP):
        for registry in REGISTRIES.values():
            registry.import_from_location()
        try:
            entry.load()
        except Exception as error:  # a plugin is arbitrary code
            raise ImportError(
                f"the installed plugin '{entry.name}' ({entry.value}) cannot be imported: "
                f"{_cause(error)}; mend or uninstall it"
            ) from error
        names.append(entry.name)
    return tuple(names)


def resolve(name: str | Callable[..., Any], registry: Registry) -> Callable[..., Any]:
    """Return the class or function that a config's `type` stands for.

    Args:
        name: A registered name, a dotted path to import, or the class itself.
        registry: Where registered names are looked up.

    Raises:
        ImportError: A dotted path cannot be imported; the cause is in the message and chained.
        UnknownNameError: No such name is registered.
    """
    if not isinstance(name, str):
        return name
    module, _, attribute = name.rpartition(".")
    if module:
        return _import(name, module, attribute)
    registry.import_from_location()
    load_plugins()
    found: Callable[..., Any] | None = registry.module_dict.get(name)
    if found is None:
        known = registry.module_dict
        raise UnknownNameError(
            f"no {registry.name} is registered as '{name}'{nearest(name, known)} "
            f"(registered: {', '.join(sorted(known)) or 'none'}; one of your own is named with its "
            f"file, as in 'my_file.{name}')"
        )
    return found


def _import(name: str, module: str, attribute: str) -> Callable[..., Any]:
    try:
        imported = importlib.import_module(module)
    except Exception as error:  # a plugin is arbitrary code
        is_absent = isinstance(error, ModuleNotFoundError) and error.name == module
        remedy = f"; put {module}.py beside the config or install it" if is_absent else ""
        raise ImportError(f"cannot load type='{name}': {_cause(error)}{remedy}") from error
    if not hasattr(imported, attribute):
        parts = [key for key, value in vars(imported).items() if inspect.isclass(value)]
        where = getattr(imported, "__file__", None) or "built in"
        raise ImportError(
            f"cannot load type='{name}': the module '{module}' ({where}) has no '{attribute}'"
            f"{nearest(attribute, parts)}"
        )
    found: Callable[..., Any] = getattr(imported, attribute)
    if not callable(found):
        raise ImportError(f"cannot load type='{name}': it is {found!r}, not a class or function")
    return found


def _cause(error: Exception) -> str:
    """Return an error's message in one line, with its place in the file for an error of syntax."""
    if isinstance(error, SyntaxError):
        return f"{error.msg} (line {error.lineno} of {error.filename})"
    if isinstance(error, ImportError):
        return str(error)
    return f"{type(error).__name__}: {error.args[0] if error.args else error}"


def build(cfg: Mapping[str, Any], registry: Registry, **kwargs: Any) -> Any:
    """Build the part that a config fragment describes, its nested parts first.

    Args:
        cfg: `type` and the constructor's arguments.
        registry: The registry that `type` is looked up in.
        kwargs: Arguments that do not come from the config.

    Raises:
        UnknownNameError: `type` or an argument is misspelt.
        ValueError: `type` or an argument is missing, or the part refuses an argument's value.
    """
    kind = cfg.get("type") if isinstance(cfg, Mapping) else None
    if not (isinstance(kind, str) or callable(kind)):
        raise ValueError(f"a {registry.name} is described by a dict with a 'type', not by {cfg!r}")
    factory = resolve(kind, registry)
    arguments = {key: _build_nested(key, value) for key, value in cfg.items() if key != "type"}
    arguments.update(kwargs)
    what = f"the {registry.name} {getattr(factory, '__name__', factory)}"
    lacking = sorted(getattr(factory, "__abstractmethods__", ()))
    if lacking:
        raise ValueError(f"{what} has no method '{lacking[0]}'; its class must define one")
    _check_arguments(what, factory, arguments)
    try:
        return factory(**arguments)
    except (TypeError, AttributeError) as error:
        raise ValueError(f"{what} cannot be made: {error}") from error


def _build_nested(key: str, value: Any) -> Any:
    registry = NESTED.get(key)
    if registry is None:
        return value
    if isinstance(value, Mapping):
        return build(value, registry)  # which refuses what has no 'type'
    if isinstance(value, list | tuple):
        return [build(v, registry) if isinstance(v, Mapping) else v for v in value]
    return value


def _check_arguments(what: str, factory: Callable[..., Any], arguments: Mapping[str, Any]) -> None:
    parameters = inspect.signature(factory).parameters
    takes_any = any(p.kind is p.VAR_KEYWORD for p in parameters.values())
    for argument in arguments:
        if argument not in parameters and not takes_any:
            raise UnknownNameError(
                f"{what} has no argument '{argument}'"
                f"{nearest(argument, parameters)} (it takes {', '.join(parameters) or 'none'})"
            )
    missing = [
        p.name
        for p in parameters.values()
        if p.default is p.empty and p.kind not in VARIADIC and p.name not in arguments
    ]
    if missing:
        raise ValueError(f"{what} needs the argument '{missing[0]}'")


def import_beside(folder: str) -> None:
    """Let dotted types be imported from `folder`; it comes last, so it shadows no package."""
    if folder not in sys.path:
        sys.path.append(folder)


def _registry(name: str, location: str) -> Registry:
    return Registry(name, build_func=build, scope="poseforge", locations=[location])


BACKBONES = _registry("backbone", "poseforge.models.backbones")
NECKS = _registry("neck", "poseforge.models.necks")
HEADS = _registry("head", "poseforge.models.heads")
LOSSES = _registry("loss", "poseforge.models.losses")
CODECS = _registry("codec", "poseforge.codecs")
ESTIMATORS = _registry("estimator", "poseforge.models.estimators")
DATASETS = _registry("data set", "poseforge.datasets")
TRANSFORMS = _registry("transform", "poseforge.transforms")
METRICS = _registry("metric", "poseforge.evaluation")
HOOKS = _registry("hook", "poseforge.engine.hooks")

REGISTRIES: dict[str, Registry] = {
    "backbones": BACKBONES,
    "necks": NECKS,
    "heads": HEADS,
    "losses": LOSSES,
    "codecs": CODECS,
    "estimators": ESTIMATORS,
    "datasets": DATASETS,
    "transforms": TRANSFORMS,
    "metrics": METRICS,
    "hooks": HOOKS,
}

NESTED: dict[str, Registry] = {
    "backbone": BACKBONES,
    "neck": NECKS,
    "head": HEADS,
    "fine_head": HEADS,
    "loss": LOSSES,
    "codec": CODECS,
    "dataset": DATASETS,
    "datasets": DATASETS,
    "transforms": TRANSFORMS,
    "metrics": METRICS,
}
