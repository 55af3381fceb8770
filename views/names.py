"""Codes made readable: bodies, senders, measures and checkpoints by their names in the definition."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from domain.roadmap import MeasurePlan, Registry, Roadmap
from views.plain import one_line
from views.texts import RU, known, text

Definition = Roadmap | MeasurePlan


class Names:
    """The names that a definition gives; without one, codes stand for themselves and instants are told in UTC."""

    def __init__(self, definition: Definition | None, lang: str = RU, measure: str | None = None) -> None:
        self.lang = lang
        self.registry = definition.registry if definition else Registry(())
        self.zone = ZoneInfo(definition.policy.time_zone if definition else "UTC")
        self.indicators = definition.indicators if isinstance(definition, Roadmap) else ()
        if isinstance(definition, Roadmap):
            self.measures = {measure.number: measure for measure in definition.measures}
        else:
            self.measures = {definition.measure.number: definition.measure} if definition else {}
        self.number = definition.measure.number if isinstance(definition, MeasurePlan) else measure

    def body(self, code: str) -> str:
        """Return the name of a body, the post of a person, the code where the registry does not know it."""
        body = self.registry.body(code)
        person = next((person for person in self.registry.people if person.code == code), None)
        return one_line(body.name if body else (person and person.post) or code)

    def actor(self, code: str) -> str:
        """Return who acts: a body, a person with their post and body, or one of the system's own hands."""
        person = next((person for person in self.registry.people if person.code == code), None)
        if person is not None:
            return f"{one_line(person.post or code)} ({self.body(person.body)})"
        return self.body(code) if self.registry.body(code) else known(code, self.lang, one_line(code))

    def label(self, measure: str, key: str) -> str | None:
        """Return the label of a checkpoint, null where it has none of its own."""
        points = self.measures[measure].checkpoints if measure in self.measures else ()
        label = next((point.label for point in points if point.key == key), "")
        return one_line(label) if label and label != key else None

    def single(self, measure: str) -> bool:
        """Tell whether a measure has one checkpoint, which no command has to name."""
        return measure in self.measures and len(self.measures[measure].checkpoints) == 1

    def checkpoint(self, measure: str, key: str) -> str:
        """Return a checkpoint by number and label; by its label alone where its key is a word of ours."""
        label = self.label(measure, key)
        name = ("checkpoint-both" if key.isdecimal() else "checkpoint") if label else "checkpoint-key"
        return text(name, self.lang, key=one_line(key), label=label)

    def measure(self, number: str | None) -> str:
        """Return a measure by its number; just the word where the number is not known."""
        return text("measure", self.lang, number=one_line(number)) if number else text("this-measure", self.lang)

    def responsible(self, measure: str, key: str) -> tuple[str, ...]:
        """Return the codes that the roadmap makes answer for a measure: for one checkpoint, or all where none has the key."""
        plan = self.measures.get(measure)
        if plan is None:
            return ()
        points = [point for point in plan.checkpoints if point.key == key] or plan.checkpoints
        return tuple(dict.fromkeys(code for point in points for code in point.bodies or plan.bodies)) or plan.bodies

    def answering(self, indicator: str) -> tuple[str, ...]:
        """Return the codes that the roadmap makes answer for an indicator, the body of reference among them."""
        found = next((one for one in self.indicators if one.number == indicator), None)
        return () if found is None else (*found.bodies, *((found.reference,) if found.reference else ()))

    def assignment(self, assignment: str, speaker: str | None = None) -> str:
        """Return the measure, the checkpoint and, unless it is the one who speaks, the body of an assignment's id."""
        number, key, body = parts(assignment)
        said = "" if body == speaker else f", {text('responsible', self.lang, body=self.body(body))}"
        return f"{self.measure(number)}, {self.checkpoint(number, key)}{said}"


def parts(assignment: str) -> tuple[str, str, str]:
    """Return measure, checkpoint key and body of an assignment's id."""
    number, _, rest = assignment.partition("/")
    key, _, body = rest.rpartition("/")
    return number, key, body
