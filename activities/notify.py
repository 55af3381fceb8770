"""Letters: composed from the log, sent by the post, every outcome told back to the measure."""

from __future__ import annotations

from datetime import datetime

from psycopg.rows import tuple_row
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.mail import UndeliverableError, post_for
from activities.record import Pool
from activities.signatures import NOTIFY, PAGE, LetterOrder, LetterOutcome
from domain.codec import read_event
from domain.measure import MEASURE, MeasureState
from domain.notices import Notice
from eventlog.append import following
from settings import Settings
from views.letters import BadAddress, compose, letter_for

NOWHERE = "vekha.invalid"
REHEARSAL = "~"  # stands in the id of a year that is played


class Letters:
    """The post office of the worker."""

    def __init__(self, pool: Pool, configuration: Settings) -> None:
        self._pool = pool
        self._configuration = configuration
        self._post = post_for(configuration)

    @activity.defn(name=NOTIFY)
    async def notify(self, order: LetterOrder) -> LetterOutcome:
        """Send the letter of a notice; failing is an outcome too, once trying again cannot help."""
        notice, state, at = await self._due(order)
        if REHEARSAL in state.plan.roadmap and self._configuration.smtp_host:
            return LetterOutcome("suppressed", "rehearsal")  # a played year writes to nobody
        address = await self._address(state.plan.roadmap, notice.to)
        if address is None and self._configuration.smtp_host:
            return LetterOutcome("failed", f"no address for {notice.to}")
        letter = letter_for(notice, state, order.stream, self._configuration.lang)
        sender = self._configuration.smtp_from
        try:
            message = compose(letter, sender, address or f"{notice.to}@{NOWHERE}", at, sender.rpartition("@")[2])
            went_to = await self._post.send(message, f"{at:%Y-%m-%d}-{order.notice}-{state.plan.roadmap}")
        except BadAddress:
            return LetterOutcome("failed", f"no good address for {notice.to}")
        except UndeliverableError as error:
            return LetterOutcome("failed", str(error)[:500])
        return LetterOutcome("delivered", went_to)

    async def _due(self, order: LetterOrder) -> tuple[Notice, MeasureState, datetime]:
        """Return the notice, the state after its event and the event's moment, from the log."""
        state: MeasureState | None = None
        version = 0
        async with self._pool.connection() as connection:
            while rows := await following(connection, order.stream, version, PAGE):
                for row in rows:
                    event = read_event(row)
                    state = MEASURE.evolve(MEASURE.begin(event) if state is None else state, event)
                    if notice := next(
                        (item for item in MEASURE.letters(state, event) if item.id == order.notice), None
                    ):
                        return notice, state, event.at
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
