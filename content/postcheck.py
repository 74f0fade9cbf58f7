"""The post check: three to five taps through a tree of questions to a verdict."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from content.errors import UnknownIdError
from content.models import CheckFile, CheckOutcome, CheckQuestion

Node = CheckQuestion | CheckOutcome


class PostCheck:
    """Walks the tree of a pack. It keeps no state: the taps so far are the state."""

    def __init__(self, check: CheckFile) -> None:
        self._start = check.start
        nodes: tuple[Node, ...] = (*check.questions, *check.outcomes)
        self._nodes: dict[str, Node] = {node.id: node for node in nodes}

    @property
    def start(self) -> CheckQuestion | CheckOutcome:
        """The first question."""
        return self.node(self._start)

    def node(self, id_: str) -> Node:
        """The question or outcome with this id. Raises UnknownIdError."""
        try:
            return self._nodes[id_]
        except KeyError:
            raise UnknownIdError("no such question or outcome in the post check") from None

    def answer(self, question_id: str, choice: int) -> Node:
        """Where answer number ``choice`` (from 0) of a question leads.

        Raises UnknownIdError for an unknown question, an outcome, or a choice it does not have:
        a button press comes from outside.
        """
        question = self.node(question_id)
        if isinstance(question, CheckOutcome) or not 0 <= choice < len(question.answers):
            raise UnknownIdError("no such answer in the post check")
        return self.node(question.answers[choice].to)

    def walk(self, choices: Sequence[int]) -> Node:
        """The node reached from the start by these choices. Raises UnknownIdError."""
        node = self.start
        for choice in choices:
            node = self.answer(node.id, choice)
        return node


def tree_problems(check: CheckFile) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Yield place and message of what is wrong with the tree: dead ends, circles, lost nodes."""
    questions = {question.id: question for question in check.questions}
    known = {*questions, *(outcome.id for outcome in check.outcomes)}
    if check.start not in questions:
        yield ("start",), f"{check.start!r} is not a question"
    for n, question in enumerate(check.questions):
        for m, answer in enumerate(question.answers):
            if answer.to not in known:
                place = ("questions", n, "answers", m, "to")
                yield place, f"{answer.to!r} is neither a question nor an outcome"
    reached, circle = _reach(check.start, questions)
    if circle:
        yield ("questions",), f"the taps can go round in a circle at {circle!r}"
    groups = (
        ("questions", [question.id for question in check.questions]),
        ("outcomes", [end.id for end in check.outcomes]),
    )
    for key, nodes in groups:
        for n, node in enumerate(nodes):
            if node not in reached:
                yield (key, n, "id"), f"no answer leads to {node!r}"


def _reach(start: str, questions: dict[str, CheckQuestion]) -> tuple[set[str], str | None]:
    """Every id that can be reached, and an id on a circle if there is one."""
    reached: set[str] = set()
    circle: str | None = None

    def visit(id_: str, path: frozenset[str]) -> None:
        nonlocal circle
        if id_ in path:
            circle = id_
            return
        if id_ in reached:
            return
        reached.add(id_)
        for answer in questions[id_].answers if id_ in questions else ():
            visit(answer.to, path | {id_})

    visit(start, frozenset())
    return reached, circle
