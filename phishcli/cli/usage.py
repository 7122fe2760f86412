"""A command line that cannot be read: the same message, exit code and JSON as any other error."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any, NoReturn

import typer
from typer.core import TyperGroup

from phishcli.cli.boundary import boundary
from phishcli.errors import ConfigError, ExitCode
from phishcli.wording import listed

PLAIN_WORDS = (
    (r".*valid integer.*|.*invalid literal for int.*", "should be a whole number"),
    (r".*valid number.*|.*could not convert string to float.*", "should be a number"),
    (r".*greater than or equal to (\S+).*", r"should be \1 or more"),
    (r".*less than or equal to (\S+).*", r"should be \1 or less"),
    (r"(?:Value error, |Input )?(.*)", r"\1"),
)
"""What is wrong with a value, in plain words."""
SENTENCES = (
    (r"Option '(.*)' requires an argument\.?", r"\1 needs a value"),
    (r"Option '(.*)' does not take a value\.?", r"\1 takes no value"),
    (r"Missing argument '(.*)'\.?", r"The argument \1 is missing"),
    (r"Missing option '(.*)'\.?", r"The option \1 is missing"),
    (r"Got unexpected extra argument(?:\(s\)|s)? \((.*)\)", r"Unexpected argument: \1"),
    (r"(.*?)\.?", r"\1"),
)


class Program(TyperGroup):
    """The program, whose wrong command lines end as all other errors do."""

    def main(self, args: Sequence[str] | None = None, *others: Any, **extra: Any) -> NoReturn:
        """Run a command and end with its exit code."""
        given = list(sys.argv[1:] if args is None else args)
        extra["standalone_mode"] = False  # Typer would print usage errors in a style of its own
        try:
            code = super().main(args, *others, **extra)
        except typer.TyperException as error:
            code = _shown(error, given)
        except typer.Abort:
            code = ExitCode.INTERRUPTED
        sys.exit(code if isinstance(code, int) else ExitCode.DONE)


def _shown(error: typer.TyperException, given: Sequence[str]) -> int:
    if type(error).__name__ == "NoArgsIsHelpError":  # not a name that Typer exports
        typer.echo(error.format_message(), err=True)
        return ExitCode.CONFIG
    options = given[: given.index("--")] if "--" in given else given
    try:
        with boundary(as_json="--json" in options):
            raise _translated(error, given)
    except typer.Exit as end:
        return end.exit_code


def _translated(error: typer.TyperException, given: Sequence[str]) -> ConfigError:
    """Say what is wrong with the command line, and what to type instead."""
    context = getattr(error, "ctx", None)
    command = context.command_path if context else " ".join(("phish", *given[:1]))
    what, meant = _parts(error, command)
    return ConfigError(what, where=command, hint=f"{meant}`{command} --help` shows what it takes")


def _parts(error: typer.TyperException, command: str) -> tuple[str, str]:
    message, possible = error.message, getattr(error, "possibilities", None)
    if name := getattr(error, "option_name", None) if possible is not None or "No such option" in message else None:
        return f"There is no option {name}", _meant(get_close_matches(name, possible or (), n=1), "")
    if found := re.fullmatch(r"No such command '(.*?)'\.(?: Did you mean (.*)\?)?", message, re.DOTALL):
        return f"There is no command {found[1]!r}", _meant(re.findall(r"'([^']+)'", found[2] or ""), f"{command} ")
    if isinstance(error, typer.BadParameter) and error.param is not None and message:
        return f"{_name(error.param)} {_in_words(message, PLAIN_WORDS)}", ""
    return _in_words(error.format_message(), SENTENCES), ""


def _meant(names: Sequence[str], before: str) -> str:
    return f"Did you mean {listed([f'{before}{name}' for name in names[:3]], 'or')}? " if names else ""


def _name(parameter: Any) -> str:
    """The option as one types it, or the argument."""
    return str(next((name for name in parameter.opts if name.startswith("--")), parameter.opts[0]))


def _in_words(message: str, known: Sequence[tuple[str, str]]) -> str:
    for pattern, words in known:
        if found := re.fullmatch(pattern, message, re.DOTALL):
            return found.expand(words)
    return message
