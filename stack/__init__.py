"""One machine: PostgreSQL and Temporal as embedded defaults, the real servers, with their data under `var/<name>/`.

`Stack("up", …)` is the lasting one; the demo and the tests have their own. The servers listen on the loopback only,
never run as root, and outlive the process that started them until `down`.
"""

from settings import Endpoints
from stack.machine import Stack

__all__ = ["Endpoints", "Stack"]
