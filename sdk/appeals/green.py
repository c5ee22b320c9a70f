"""The one place that knows eventlet, on which nameko runs; importing it keeps eventlet's own warning quiet.

Upstream discourages new uses of eventlet. Nothing but this module and nameko depends on it, so that the
runtime stays replaceable: the bus itself runs on plain threads.
"""

import warnings

warnings.filterwarnings("ignore", message=r"(?s).*Eventlet is deprecated")

import eventlet  # noqa: E402


def patch() -> None:
    """Make threads, sockets and locks of this process green. Call before anything else is imported."""
    eventlet.monkey_patch()
