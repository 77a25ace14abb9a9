"""Streamed chats with a server on this machine, and what came when. Standard library only."""

import asyncio
import ipaddress
import json
import math
import random
import socket
import time
import urllib.parse
import urllib.request

WORDS = ("river stone lantern winter copper meadow signal harbour velvet thunder garden mirror ladder ocean "
         "pepper island window silver forest engine candle desert bridge rocket valley temple marble cotton").split()


class Refused(Exception):
    """A request that got no stream; its text says why, in few words that can be counted."""


def local(url):
    """Host and port of a URL, which must be this machine's own: load is for nobody else."""
    parts = urllib.parse.urlsplit(url if "//" in url else "http://" + url)
    host, port = parts.hostname or "", parts.port or 80
    addresses = {info[4][0] for info in socket.getaddrinfo(host, port)} if host else set()
    if parts.scheme != "http" or not addresses or not all(ipaddress.ip_address(a).is_loopback for a in addresses):
        raise ValueError(f"expected a server on this machine such as http://127.0.0.1:8080, found '{url}'")
    return host, port


def get(place, path):
    """A whole answer as text."""
    with urllib.request.urlopen(f"http://{place[0]}:{place[1]}{path}", timeout=30) as answer:
        return answer.read().decode()


def model(place):
    return json.loads(get(place, "/v1/models"))["data"][0]["id"]


def metrics(place):
    """The server's samples by name with labels, as they stand there."""
    samples = {}
    for line in get(place, "/metrics").splitlines():
        if line and not line.startswith("#"):
            name, value = line.rsplit(" ", 1)
            samples[name] = float(value)
    return samples


def total(samples, name, label=""):
    """The sum of a family's samples that have this label."""
    return sum(v for k, v in samples.items() if (k == name or k.startswith(name + "{")) and label in k)


def prompt(rand, words, shared):
    """Words of no meaning; the first `shared` of them are the same for all."""
    common = random.Random(0).choices(WORDS, k=shared)
    return " ".join(common + rand.choices(WORDS, k=max(1, words - shared)))


async def chat(place, body, began=None, seen=None):
    """One streamed chat: seconds to the first token from `began` on (by default now), seconds between the pieces that follow,
    tokens of prompt and answer. `seen` is called with each event."""
    began = time.monotonic() if began is None else began
    body = json.dumps({**body, "stream": True, "stream_options": {"include_usage": True}}).encode()
    try:
        reader, writer = await asyncio.open_connection(*place, limit=1 << 22)
    except OSError as e:
        raise Refused(type(e).__name__) from e
    try:
        # 1.0: the body is not cut into chunks, and ends with the connection.
        writer.write(b"POST /v1/chat/completions HTTP/1.0\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                     b"Content-Length: %d\r\n\r\n" % len(body) + body)
        await writer.drain()
        status = (await reader.readline()).split()
        if len(status) < 2 or status[1] != b"200":
            text = (await reader.read()).decode(errors="replace")
            code = text.split('"code":"')[1].split('"')[0] if '"code":"' in text else ""
            raise Refused(" ".join(filter(None, [status[1].decode() if len(status) > 1 else "no answer", code])))
        first, last, gaps, usage, ended = None, None, [], None, False
        while line := await reader.readline():
            if not line.startswith(b"data: "):
                continue
            if line.startswith(b"data: [DONE]"):
                ended = True
                break
            event = json.loads(line[6:])
            if "error" in event:
                raise Refused("in the stream: " + str(event["error"].get("code")))
            if seen:
                seen(event)
            usage = event.get("usage") or usage
            delta = event["choices"][0]["delta"] if event["choices"] else {}
            if delta.get("content") or delta.get("reasoning_content"):
                now = time.monotonic()
                if first is None:
                    first = now - began
                else:
                    gaps.append(now - last)
                last = now
        if not ended or usage is None:
            raise Refused("the stream broke off")
        return first, gaps, usage["prompt_tokens"], usage["completion_tokens"]
    except (OSError, asyncio.IncompleteReadError) as e:
        raise Refused(type(e).__name__) from e
    finally:
        writer.close()


def quantiles(values):
    """p50, p95, p99 and the most, by nearest rank; None without values."""
    if not values:
        return None
    ordered = sorted(values)
    return {f"p{percent}": ordered[max(0, math.ceil(percent * len(ordered) / 100) - 1)] for percent in (50, 95, 99)} | {"max": ordered[-1]}
