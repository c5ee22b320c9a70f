"""How a process is doing, over HTTP on a port of its own: `/metrics` for Prometheus, `/health` for whoever restarts it.

Served by threads of its own, so that it neither waits for events nor holds them up.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterable
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector, make_wsgi_app

from appeals.bus.relay import run_in_thread
from appeals.bus.station import Station
from appeals.settings import MonitoringSettings, WrongSettings

log = logging.getLogger("appeals.monitoring")

PATIENCE = 60.0
REQUEST_SECONDS = 5.0


class Monitoring:
    """The port of one process. `registry` takes further collectors; with port 0 nothing is served.

    Raises WrongSettings when the port cannot be had.
    """

    def __init__(self, settings: MonitoringSettings):
        self.registry = CollectorRegistry(auto_describe=False)
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self.registry)
        self._metrics = make_wsgi_app(self.registry)
        self._station: Station | None = None
        self._server = self._serve(settings) if settings.metrics_port else None

    def watch(self, station: Station) -> None:
        """Show this participant's metrics, and its health."""
        self._station = station
        self.registry.register(station.metrics.registry)

    def trouble(self) -> str:
        """Why this process is not well, in one line; empty when it is."""
        station = self._station
        if station is None:
            return "waiting for broker and database"
        if station.stopping:
            return "stopping"
        if not station.is_alive():
            return "a thread of the bus has died"
        return station.pulse.trouble(PATIENCE)

    def close(self) -> None:
        """Give the port back."""
        if self._server:
            self._server.shutdown()
            self._server.server_close()

    def _serve(self, settings: MonitoringSettings) -> WSGIServer:
        try:
            server = _Server((settings.metrics_host, settings.metrics_port), _Handler)
        except (OSError, OverflowError) as error:
            where = f"METRICS_HOST={settings.metrics_host} METRICS_PORT={settings.metrics_port}"
            raise WrongSettings(f"{where} cannot be had: {error}") from None
        server.set_app(self._answer)
        run_in_thread(server.serve_forever, "monitoring")
        return server

    def _answer(self, environ: dict, start_response: Callable) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/metrics":
            return self._metrics(environ, start_response)
        if environ["PATH_INFO"] == "/health":
            trouble = self.trouble()
            return _plain(start_response, "503 Service Unavailable" if trouble else "200 OK", trouble or "well")
        return _plain(start_response, "404 Not Found", "/metrics and /health are here")


def _plain(start_response: Callable, status: str, line: str) -> list[bytes]:
    start_response(status, [("Content-Type", "text/plain; charset=utf-8"), ("Cache-Control", "no-store")])
    return [f"{line}\n".encode()]


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request, client_address) -> None:
        log.debug("while answering %s: %s", client_address, sys.exc_info()[1])


class _Handler(WSGIRequestHandler):
    timeout = REQUEST_SECONDS

    def log_message(self, format: str, *args) -> None:
        log.debug(format, *args)
