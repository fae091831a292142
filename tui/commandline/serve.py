"""``digits-tui serve``: the dashboard in a browser."""

from __future__ import annotations

import ipaddress
import shlex
import socket
import sys
from typing import Any

import click

from tui.commandline import options
from tui.commandline.errors import CommandLineError, ExitCode

LOOPBACK = "localhost"


@click.command(short_help="Show the dashboard in a browser.")
@click.option("--host", default=LOOPBACK, show_default=True, metavar="ADDRESS", help="Where to listen; there is no login.")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True, help="The port to listen on.")
@options.device
@options.dataset
@options.hyperparameters
@click.option("--open", "model", metavar="RUN|FILE", help="Look at a run or a model file.")
@options.runs_directory
@options.worker
def serve(host: str, port: int, **chosen: Any) -> None:
    """Show the dashboard in a browser, with a dashboard for each visitor.

    Only this machine can reach it, unless --host says otherwise: then whoever reaches it can do everything that you can do in the
    dashboard, for there is no login. Through ssh it can be reached without that, as the last example shows.

    It needs the package textual-serve, and says how to install it. A visitor's dashboard ends when its page is closed; a run that it was
    training can be resumed. Ctrl+C ends all.
    """
    try:
        from tui.commandline.web_server import WebServer
    except ModuleNotFoundError:
        from engine.extras import how_to_install

        raise CommandLineError("textual-serve is not installed", how_to_install("web")) from None
    _refuse_what_is_taken(host, port)
    if not _is_loopback(host):
        click.echo(f"Warning: there is no login. Whoever reaches {host} can use this dashboard as you can.", err=True)
    command = shlex.join([sys.executable, "-P", "-m", "tui.cli", *_given(chosen)])
    shown = socket.gethostname() if host in ("0.0.0.0", "::") else host
    address = f"http://{f'[{shown}]' if ':' in shown else shown}:{port}"
    WebServer(command, host=host, port=port, title="digits-tui", public_url=address).serve()


def _given(chosen: dict[str, Any]) -> list[str]:
    """The options of the dashboard that were given, as they are typed."""
    flags = {parameter.name: parameter.opts[0] for parameter in click.get_current_context().command.params}
    typed: list[str] = []
    for name, value in chosen.items():
        if options.is_given(name):
            for item in value if isinstance(value, tuple) else (value,):
                typed += [flags[name], str(item)]
    return typed


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == LOOPBACK


def _refuse_what_is_taken(host: str, port: int) -> None:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        message = f"{host} cannot be listened on at port {port}: {error.strerror or error}"
        raise CommandLineError(message, "Choose another --port or --host.", ExitCode.BAD_INPUT) from None
