"""The worker: it runs the workflows and activities, seals the log and feeds the projections."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta

import click
import structlog
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from activities.auditor import auditors_letter
from activities.measures import Measures
from activities.post import Letters
from activities.received import Receipts
from activities.standing import Standings
from activities.turn import Turns
from activities.waking import Waves
from app.log import open_log
from app.problem import Problem, ProblemKind
from app.sending import engine_trouble
from app.watch import watch
from domain.errors import BadSettings, Unavailable
from doors.cli.output import Door, Exit, command, door, log_as, told
from eventlog.checkpoints import Notary, Parcel, Signer
from eventlog.couriers import Courier, bearer, bucket
from eventlog.errors import StoreMissing
from eventlog.evidence import check_store, make_store
from eventlog.roles import lacking
from eventlog.s3 import Access, address
from eventlog.sealer import Sealer
from eventlog.sessions import pool
from projections.projector import Projector
from projections.read_models import READ_MODELS
from settings import Settings, connect_temporal, database_url, settings
from wire.names import LETTERS_QUEUE, TASK_QUEUE
from workflows.measure import MeasureWorkflow
from workflows.retired import OldMeasureWorkflow, OldYearWorkflow
from workflows.year import YearWorkflow

WORKFLOWS = [MeasureWorkflow, YearWorkflow, OldMeasureWorkflow, OldYearWorkflow]
CONNECTIONS = 8
# Letters wait for mail servers, and go on connections of their own: they stand in no command's way. Two
# batches at once send as many a second as four did, and leave the processors to commands (docs/benchmarks.md).
LETTER_BATCHES = 2
LETTER_CONNECTIONS = 2
# Few turns at once: what arrives for a measure that waits for its place goes into its one turn, and one append. With
# the usual hundred nearly every command had a turn of its own, and far fewer went through (docs/benchmarks.md).
WORKFLOW_TASKS = 4
logger = structlog.get_logger()


@asynccontextmanager
async def engine_worker(client: Client, database_url: str, configuration: Settings) -> AsyncIterator[Worker]:
    """Run workflows and activities while the block lasts.

    Without Temporal's sandbox: the workflows hold nothing but the domain, whose purity the import rules keep, and
    histories are replayed in the sandbox by the tests. docs/design.md has the figures.
    """
    async with (
        pool(database_url, min_size=2, max_size=CONNECTIONS) as connections,
        pool(database_url, min_size=1, max_size=LETTER_CONNECTIONS) as letters_connections,
    ):
        standings = Standings()
        receipts, measures = Receipts(client), Measures(client, connections, standings)
        waves = Waves(client, configuration.wakes_per_second)
        turns = Turns(connections, standings, receipts, waves, configuration.evidence_dir)
        letters = Letters(letters_connections, standings, configuration)
        async with (
            Worker(
                client,
                task_queue=TASK_QUEUE,
                workflows=WORKFLOWS,
                activities=[turns.turn, receipts.lost, measures.start, measures.close],
                workflow_runner=UnsandboxedWorkflowRunner(),
                max_concurrent_workflow_tasks=WORKFLOW_TASKS,
                max_cached_workflows=configuration.cached_workflows,
                sticky_queue_schedule_to_start_timeout=timedelta(seconds=configuration.sticky_seconds),
            ) as worker,
            Worker(
                client,
                task_queue=LETTERS_QUEUE,
                activities=[letters.post],
                max_concurrent_activities=LETTER_BATCHES,
            ),
        ):
            yield worker


@asynccontextmanager
async def log_keepers(
    database_url: str, *, sealer: bool = True, projector: bool = True, notary: Notary | None = None
) -> AsyncIterator[None]:
    """Seal the log and feed the projections in threads of their own while the block lasts.

    Without a notary no checkpoints are written.
    """
    stop = threading.Event()
    keepers: list[Sealer | Projector] = []
    if sealer:
        keepers.append(Sealer(database_url, notary))
    if projector:
        keepers.append(Projector(database_url, READ_MODELS))
    threads = [threading.Thread(target=keeper.run, args=(stop,), name=type(keeper).__name__) for keeper in keepers]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        await asyncio.gather(*(asyncio.to_thread(thread.join) for thread in threads))


def notary_of(configuration: Settings) -> Notary:
    """Return who signs the log and keeps what was signed wherever the settings say."""
    offers = []
    if configuration.checkpoint_url:
        offers.append(Courier("bucket", bucket_of(configuration, configuration.checkpoint_url)).offer)
    if address := configuration.checkpoint_mail:
        offers.append(Courier("auditor", auditors_letter(configuration, address)).offer)
    return Notary(Signer(configuration.checkpoint_key), configuration.checkpoint_folders, offers)


def bucket_of(given: Settings, url: str) -> Callable[[Parcel], None]:
    """Return what puts checkpoints below `url`, let in as the settings say. BadSettings where they lack a key."""
    if not url.startswith("s3://"):
        token = given.checkpoint_token
        return bucket(url, bearer(token.get_secret_value() if token else None))
    if given.checkpoint_s3_key is None or given.checkpoint_s3_secret is None:
        raise BadSettings(
            f"Для VEKHA_CHECKPOINT_URL={url} задайте VEKHA_CHECKPOINT_S3_KEY и VEKHA_CHECKPOINT_S3_SECRET.",
            f"For VEKHA_CHECKPOINT_URL={url} set VEKHA_CHECKPOINT_S3_KEY and VEKHA_CHECKPOINT_S3_SECRET.",
        )
    region = given.checkpoint_s3_region
    endpoint = given.checkpoint_s3_endpoint or f"https://s3.{region}.amazonaws.com"
    access = Access(given.checkpoint_s3_key, given.checkpoint_s3_secret.get_secret_value(), region)
    return bucket(address(endpoint, url), access.admit)


@command(help=told("Рабочий процесс: ведёт мероприятия, запечатывает журнал, обновляет отчёты.", "The worker."))
@click.option(
    "--only",
    type=click.Choice(["temporal", "sealer", "projector"]),
    help=told("только одна из трёх работ", "just one of the three jobs"),
)
@door
async def work(_at: Door, only: str | None) -> Exit:
    """Work until the process is told to stop."""
    log_as(settings())
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    given, database = settings(), database_url(worker=True)
    _check_log(database, (only,) if only is not None else ("temporal", "sealer", "projector"))
    async with AsyncExitStack() as running:
        notary = notary_of(given) if only in {None, "sealer"} else None
        await running.enter_async_context(
            log_keepers(database, sealer=notary is not None, projector=only in {None, "projector"}, notary=notary)
        )
        if only in {None, "temporal"}:
            _see_the_store(given)
            client = await connect_temporal(warns=True)
            await _check_namespace(client)
            await running.enter_async_context(engine_worker(client, database, given))
            await running.enter_async_context(_watching(client, database))
        logger.info("working", only=only or "all")
        await stop.wait()
        logger.info("stopping")
    return Exit.DONE


def _see_the_store(given: Settings) -> None:
    """Make the evidence store where it is this worker's own, and tell the log where another's is not to be found."""
    try:
        if given.evidence_dir == given.var / "evidence":
            make_store(given.evidence_dir)
        check_store(given.evidence_dir)
    except (OSError, StoreMissing) as error:
        logger.error("no evidence store: reports with files wait until it is there", error=str(error))  # noqa: TRY400


@asynccontextmanager
async def _watching(client: Client, database: str) -> AsyncIterator[None]:
    watching = asyncio.create_task(watch(client, database))
    try:
        yield
    finally:
        watching.cancel()


def _check_log(url: str, jobs: Sequence[str]) -> None:
    """Let no worker at a log of another version, or with a login that lacks what its jobs need. Problem (UNAVAILABLE).

    One whose database does not answer waits for it.
    """
    try:
        with open_log(url=url) as connection:
            lacks = sorted({right for job in jobs for right in lacking(connection, job)})
            login = connection.info.user
    except Problem as error:
        if error.code in {"schema-version", "no-rights"}:
            raise
        logger.warning("database failed", error=str(error))
        return
    if lacks:
        raise Problem(
            ProblemKind.UNAVAILABLE,
            "no-rights",
            f"У входа {login} в базу данных нет прав, без которых рабочий процесс не работает ({', '.join(lacks)}):"
            " выполните python -m eventlog.migrate от имени владельца или войдите другим, см. docs/operators.md.",
            f"The login {login} lacks rights in the database that the worker needs ({', '.join(lacks)}): run"
            " python -m eventlog.migrate as the owner, or take another login, see docs/operators.md.",
        )


async def _check_namespace(client: Client) -> None:
    """Let no worker at a namespace that is not there. Unavailable, or Problem (UNAVAILABLE) where nothing is answered."""
    try:
        await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=client.namespace))
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise engine_trouble(error) from error
        raise Unavailable(
            f"В Temporal нет пространства имён {client.namespace}: выполните make up или python -m stack.jobs namespace,"
            " либо проверьте TEMPORAL_NAMESPACE.",
            f"Temporal has no namespace {client.namespace}: run make up or python -m stack.jobs namespace, or check"
            " TEMPORAL_NAMESPACE.",
        ) from error
