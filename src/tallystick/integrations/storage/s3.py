"""Keep the bytes of files in a bucket that speaks S3, with the keys that its own tools use (AWS_ACCESS_KEY_ID and their like)."""

import importlib
import urllib.parse
from typing import Any

from tallystick.integrations.storage import store

_TIMEOUT_SECONDS = 20


class S3Store:
    """Keep each file as one object `prefix/ab/abcd...`; the same content lands on the same name."""

    def __init__(self, location: str) -> None:
        """Reach `s3://bucket[/prefix][?endpoint=URL&region=NAME]`. Raises Misplaced."""
        parts = urllib.parse.urlsplit(location)
        asked = urllib.parse.parse_qs(parts.query, keep_blank_values=True)
        if not parts.netloc or parts.netloc != parts.hostname or set(asked) - {"endpoint", "region"}:
            raise store.Misplaced(f"{location} names no bucket; write s3://bucket, s3://bucket/prefix or s3://bucket?endpoint=https://host.")
        self._location, self._bucket, self._prefix = location, parts.netloc, parts.path.strip("/")
        try:
            # wanted only where this store is chosen: the default installation stays small
            boto3, config = importlib.import_module("boto3"), importlib.import_module("botocore.config")
            self._problems = importlib.import_module("botocore.exceptions")
        except ImportError as missing:
            raise store.Misplaced("Files in S3 need the package boto3; install tallystick[s3] into the environment.") from missing
        self._client: Any = boto3.session.Session().client(
            "s3",
            endpoint_url=asked.get("endpoint", [None])[0],
            region_name=asked.get("region", [None])[0],
            config=config.Config(
                connect_timeout=5,
                read_timeout=_TIMEOUT_SECONDS,
                retries={"total_max_attempts": 3, "mode": "standard"},
                # our own hash is checked at every read; not every server knows the newer checksums
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        )

    def put(self, sha256: str, content: bytes) -> store.Placed:
        """Write the object; it is there whole or not at all. Raises StoreAway."""
        try:
            self._client.put_object(Bucket=self._bucket, Key=self._key(sha256), Body=store.checked(sha256, content))
        except (self._problems.BotoCoreError, self._problems.ClientError) as problem:
            raise store.StoreAway from problem
        return store.Placed(content=None, reference=self._location)

    def get(self, sha256: str, placed: store.Placed) -> bytes:
        """Read the object and check it. Raises Lost, StoreAway."""
        del placed
        try:
            content: bytes = self._client.get_object(Bucket=self._bucket, Key=self._key(sha256))["Body"].read()
        except self._problems.ClientError as problem:
            if problem.response.get("Error", {}).get("Code") in {"NoSuchKey", "NoSuchBucket", "404"}:
                raise store.Lost(f"The file {sha256} is gone from the store.") from problem
            raise store.StoreAway from problem
        except self._problems.BotoCoreError as problem:
            raise store.StoreAway from problem
        return store.checked(sha256, content)

    def _key(self, sha256: str) -> str:
        name = store.checked_name(sha256)
        return "/".join(filter(None, (self._prefix, name[:2], name)))
