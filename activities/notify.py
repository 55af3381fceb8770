"""Letters: composed from the log, sent by the post, every outcome told back to the measure."""

from __future__ import annotations

from datetime import UTC, datetime

from psycopg.rows import tuple_row
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.mail import REHEARSAL, deliver, post_for
from activities.record import Pool
from activities.signatures import NOTIFY, PAGE, LetterOrder, LetterOutcome
from domain.codec import read_event
from domain.measure import MEASURE, MeasureState
from domain.notices import Notice
from eventlog.append import following
from settings import Settings


class Letters:
    """The post office of the worker."""

    def __init__(self, pool: Pool, configuration: Settings) -> None:
        self._pool = pool
        self._configuration = configuration
        self._post = post_for(configuration)

    @activity.defn(name=NOTIFY)
    async def notify(self, order: LetterOrder) -> LetterOutcome:
        """Send the letter of a notice; failing is an outcome too, once trying again cannot help."""
        notice, state = await self._due(order)
        address = await self._address(state.plan.roadmap, notice.to)
        now = notice.happened_at if REHEARSAL in state.plan.roadmap else datetime.now(UTC)
        async with self._post.session() as session:
            outcome, detail = await deliver(
                session,
                notice,
                state=state,
                stream=order.stream,
                address=address,
                now=now,
                configuration=self._configuration,
            )
        return LetterOutcome(outcome, detail)

    async def _due(self, order: LetterOrder) -> tuple[Notice, MeasureState]:
        """Return the notice and what the measure had come to when it was due, from the log."""
        state: MeasureState | None = None
        version = 0
        async with self._pool.connection() as connection:
            while rows := await following(connection, order.stream, version, PAGE):
                for row in rows:
                    state = MEASURE.fold(state, [read_event(row)])
                    if state is not None and (notice := state.outbox.get(order.notice)):
                        return notice, state
                version = rows[-1].version
        raise ApplicationError(f"{order.stream} owes no letter {order.notice}", non_retryable=True)

    async def _address(self, roadmap: str, code: str) -> str | None:
        """Return the address of a body or person."""
        async with self._pool.connection() as connection, connection.cursor(row_factory=tuple_row) as cursor:
            await cursor.execute(
                "select email from vekha.contact where roadmap = %s and code = %s",
                (roadmap.partition(REHEARSAL)[0], code),
            )
            row = await cursor.fetchone()
        return row[0] if row else None
