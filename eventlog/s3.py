"""Requests as a store of S3's protocol takes them: signed with AWS Signature Version 4.

The signature is HMAC-SHA256 over the request, of the standard library; nothing else of S3 is needed to put a file. The
bucket stands in the path, which AWS, MinIO, Ceph and the Russian clouds all take.
"""

from __future__ import annotations

import hmac
from base64 import b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import md5, sha256
from urllib.parse import quote, urlsplit
from urllib.request import Request

ALGORITHM = "AWS4-HMAC-SHA256"


@dataclass(frozen=True, slots=True)
class Access:
    """Who asks: an access key with its secret, and the region that the endpoint counts itself to."""

    key: str
    secret: str
    region: str

    def admit(self, request: Request) -> None:
        """Sign a request that has all its headers but these."""
        _sign(self, request, datetime.now(UTC))


def address(endpoint: str, url: str) -> str:
    """Return the address at an endpoint (https://store.example) of what `url` (s3://bucket/prefix) names."""
    bucket = urlsplit(url)
    return f"{endpoint.rstrip('/')}/{bucket.netloc}{quote(bucket.path, safe='/~')}"


def _sign(access: Access, request: Request, now: datetime) -> None:
    content = request.data if isinstance(request.data, bytes) else b""
    digest, time = sha256(content).hexdigest(), f"{now:%Y%m%dT%H%M%SZ}"
    request.add_header("X-Amz-Content-Sha256", digest)
    request.add_header("X-Amz-Date", time)
    if content:
        # A bucket with object lock wants it, some of them this old digest only.
        request.add_header("Content-MD5", b64encode(md5(content, usedforsecurity=False).digest()).decode())
    headers = {name.lower(): value.strip() for name, value in request.header_items()} | {"host": request.host}
    names = ";".join(sorted(headers))
    lines = [f"{name}:{headers[name]}" for name in sorted(headers)]
    asked = "\n".join([request.get_method(), urlsplit(request.full_url).path, "", *lines, "", names, digest])
    scope = [f"{now:%Y%m%d}", access.region, "s3", "aws4_request"]
    to_sign = "\n".join([ALGORITHM, time, "/".join(scope), sha256(asked.encode()).hexdigest()])
    key = f"AWS4{access.secret}".encode()
    for part in scope:
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.digest(key, to_sign.encode(), "sha256").hex()
    credential = f"{access.key}/{'/'.join(scope)}"
    request.add_header(
        "Authorization", f"{ALGORITHM} Credential={credential}, SignedHeaders={names}, Signature={signature}"
    )
