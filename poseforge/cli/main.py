"""The command line: `poseforge VERB`, where tools/*.py call the same."""

import argparse
import os
import sys
from collections.abc import Sequence

from rich.console import Console

import poseforge
from poseforge.cli import (
    benchmark,
    card,
    data,
    evaluate,
    listing,
    predict,
    profile,
    publish,
    submit,
    table,
    test,
    train,
)

VERBS = {
    "train": train,
    "submit": submit,
    "test": test,
    "predict": predict,
    "publish": publish,
    "card": card,
    "profile": profile,
    "benchmark": benchmark,
    "evaluate": evaluate,
    "table": table,
    "list": listing,
    "data": data,
}
MISTAKES = (ValueError, OSError, ImportError, RuntimeError)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a verb and return the exit status: 0, 2 for a user's mistake, 128 + n for signal n."""
    parser = argparse.ArgumentParser(
        prog="poseforge", description="A plugin-based human pose estimation toolbox on PyTorch."
    )
    parser.add_argument("--version", action="version", version=poseforge.__version__)
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    for name, module in VERBS.items():
        verb = verbs.add_parser(name, help=module.HELP, description=module.HELP)
        module.add_arguments(verb)
        verb.add_argument(
            "--traceback", action="store_true", help="show where in the code an error arose"
        )
    options = parser.parse_args(arguments)
    console = Console(markup=False, highlight=False)  # paths may hold square brackets
    try:
        status: int = VERBS[options.verb].run(options, console)
    except MISTAKES as error:
        if options.traceback:
            raise
        complaint = Console(stderr=True, markup=False, highlight=False)
        complaint.quiet = console.quiet and not _is_alone_with(error)
        complaint.print(f"error: {_sentence(error)}", style="red", soft_wrap=True)
        return 2
    except KeyboardInterrupt:
        return 130
    return status


def _is_alone_with(error: BaseException) -> bool:
    """Return whether no process that torchrun has started on this machine says the same."""
    if os.environ.get("LOCAL_RANK") == "0":
        return True
    from poseforge.engine.process_group import ProcessError

    return isinstance(error, ProcessError)


def _sentence(error: BaseException) -> str:
    """Return an error's own sentence, without what a loader's process or torch's compiler adds."""
    cause = getattr(error, "inner_exception", None)  # why the compiler gave up
    if cause is not None:
        reason = str(cause).strip().partition("\n")[0] or type(cause).__name__
        return f"torch cannot compile the model: {reason}; mend that, or run without --compile"
    text = str(error).strip() or type(error).__name__
    if "Original Traceback" in text:
        text = text.splitlines()[-1].partition(": ")[2] or text
    return text


if __name__ == "__main__":
    sys.exit(main())
