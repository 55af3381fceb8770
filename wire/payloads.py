"""How our records go over Temporal: JSON in UTF-8, packed where they are long.

What others send as plain JSON is read as well. What claims to be packed by us and is not, or to lie in a store that we do not
have, is left as it came: the workflow refuses a command that it cannot read, while an error here would stop it.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from typing import Any

from temporalio.api.common.v1 import Payload
from temporalio.converter import (
    AdvancedJSONEncoder,
    CompositePayloadConverter,
    DataConverter,
    DefaultPayloadConverter,
    JSONPlainPayloadConverter,
    PayloadCodec,
)

PACKED = b"binary/vekha-zlib"
LONG = 2048  # bytes; what is shorter stays readable in Temporal's own pages
MOST = 8_000_000  # bytes that a packed payload may unfold to
LONGEST = 256_000  # bytes of a record that is handed on: a command may have fewer
DEEPEST = 50  # a command's record has five levels; what goes much deeper cannot be handed on by every part that must
ARGUMENTS = 100  # of one call; ours have one or two, a stranger's signal may have a million


class _Json(JSONPlainPayloadConverter):
    """JSON that writes a Cyrillic letter as its two bytes, not as six."""

    def to_payload(self, value: Any) -> Payload | None:
        text = json.dumps(value, cls=AdvancedJSONEncoder, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        return Payload(metadata={"encoding": self.encoding.encode()}, data=text.encode(errors="surrogatepass"))


class _Converter(CompositePayloadConverter):
    def __init__(self) -> None:
        ours = _Json()
        super().__init__(
            *(
                ours if one.encoding == ours.encoding else one
                for one in DefaultPayloadConverter.default_encoding_payload_converters
            )
        )


class Packing(PayloadCodec):
    """Packs what is long."""

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Return the payloads as they are sent."""
        return [_packed(payload) if payload.ByteSize() > LONG else payload for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Return the payloads as they were before; what cannot be unfolded stays as it is."""
        return [_unfolded(payload) for payload in payloads]


class _Ours(DataConverter):
    """Leaves what claims to lie in a store outside of Temporal as it came: the SDK's own would fail the workflow task.

    What nobody reads of a call is left out first, since time is short for a million of it.
    """

    async def _decode_reference_payload_sequence(self, payloads: Sequence[Payload]) -> list[Payload]:
        return list(payloads[:ARGUMENTS])

    async def _external_retrieve_payload_sequence(self, payloads: Sequence[Payload]) -> list[Payload]:
        return list(payloads)


def _packed(payload: Payload) -> Payload:
    return Payload(metadata={"encoding": PACKED}, data=zlib.compress(payload.SerializeToString()))


def _unfolded(payload: Payload) -> Payload:
    if payload.metadata.get("encoding") != PACKED:
        return payload
    try:
        unfolding = zlib.decompressobj()
        data = unfolding.decompress(payload.data, MOST)
        if not unfolding.eof:
            return payload
        return Payload.FromString(data)
    except Exception:  # whatever foreign bytes make zlib and protobuf raise
        return payload


CONVERTER = _Ours(payload_converter_class=_Converter, payload_codec=Packing())


def record_in(payload: Payload) -> Any:
    """Return the JSON value that a decoded payload brings, where it is one that may be handed on: not too long, nor too deep.

    Of anything else, a text that says what came. The workflow and whoever reads its history must read the same here.
    """
    encoding = payload.metadata.get("encoding", b"").decode(errors="replace")[:100]
    came = f"{len(payload.data)} bytes of {encoding}"
    if encoding == "binary/null":
        return None
    if encoding != "json/plain" or len(payload.data) > LONGEST:
        return came
    try:
        value = json.loads(payload.data)
    except (ValueError, RecursionError):
        return came
    return value if _is_shallow(value) else came


def _is_shallow(value: Any) -> bool:
    level = [value]
    for _ in range(DEEPEST):
        level = [
            inner
            for one in level
            if isinstance(one, dict | list)
            for inner in (one.values() if isinstance(one, dict) else one)
        ]
        if not level:
            return True
    return False
