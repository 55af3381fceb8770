"""Run as a process of its own: have Temporal's SDK download its development server into the folder given."""

from __future__ import annotations

import asyncio
import sys

from temporalio.testing import WorkflowEnvironment


async def _download(folder: str) -> None:
    environment = await WorkflowEnvironment.start_local(download_dest_dir=folder)
    await environment.shutdown()


if __name__ == "__main__":
    asyncio.run(_download(sys.argv[1]))
