"""The containers are tested where that is asked for: it installs an engine, as root."""

from __future__ import annotations

import os

collect_ignore_glob = [] if os.environ.get("VEKHA_TEST_CONTAINERS") else ["test_*.py"]
