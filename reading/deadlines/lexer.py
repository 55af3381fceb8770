"""The grammar's words found in a text: at each place the first of them that may stand there.

lark's contextual lexer finds the same; but it compiles a pattern of nearly all words for each of a dozen sets of what
may stand somewhere, a tenth of a second each. Here one pattern holds all words. Where the first of all may not stand,
those that may are tried one by one.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from functools import cache
from typing import ClassVar

from lark import Token
from lark.common import LexerConf
from lark.exceptions import UnexpectedCharacters
from lark.lexer import Lexer, LexerState
from lark.parsers.lalr_parser_state import ParserState

_compiled = cache(re.compile)


class WordLexer(Lexer):
    """Cuts a text into tokens; of words with the same priority the one with the longer pattern is first."""

    __future_interface__: ClassVar[int] = 2  # so lark tells `lex` where its parser stands

    def __init__(self, conf: LexerConf) -> None:
        ranked = sorted(conf.terminals, key=lambda word: (-word.priority, -len(word.pattern.value), word.name))
        self._words = {word.name: word.pattern.to_regexp() for word in ranked}
        self._ignored = frozenset(conf.ignore)
        self._any = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in self._words.items()))

    def lex(self, lexer_state: LexerState, parser_state: ParserState[int]) -> Iterator[Token]:
        """Yield the tokens; one that may not stand where it stands is for the parser to refuse. UnexpectedCharacters."""
        text = str(lexer_state.text.text)
        at = 0
        while at < len(text):
            name, end = self._first(text, at, parser_state.parse_conf.states[parser_state.position])
            if name not in self._ignored:
                yield Token(name, text[at:end], start_pos=at, end_pos=end)
            at = end

    def _first(self, text: str, at: int, allowed: Container[str]) -> tuple[str, int]:
        """Return the name and the end of the word at a place: the first that may stand there, else the first of all."""
        found = self._any.match(text, at)
        if found is None or found.lastgroup is None:
            raise UnexpectedCharacters(text, at, 1, at + 1)  # type: ignore[no-untyped-call]  # lark says no types
        if found.lastgroup in allowed or found.lastgroup in self._ignored:
            return found.lastgroup, found.end()
        for name, pattern in self._words.items():
            if (name in allowed or name in self._ignored) and (other := _compiled(pattern).match(text, at)):
                return name, other.end()
        return found.lastgroup, found.end()
