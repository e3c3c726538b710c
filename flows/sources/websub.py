"""WebSub (W3C, 2018): a hub announces when a feed has something new, for the time it granted. Pure.

    FeedState.hub → Subscription ─form→ hub ─challenge→ verified ─push→ the feed is due

What a hub sends is a hint and never read: the feed is polled sooner, and regular polls continue as a safety net.
"""

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from flows.sources.feed_records import FeedSpec, FeedState
from flows.sources.parsing.numbers import is_number

LEASE = timedelta(days=10)
"""The requested lease; the hub grants what it likes."""
SHORTEST_LEASE, LONGEST_LEASE = timedelta(minutes=5), timedelta(days=60)
RENEWED = 0.75
"""Share of the lease after which it is renewed."""
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=5), timedelta(days=1)
"""First and longest wait before a hub that did not answer or verify is asked again; the wait doubles."""
DENIED_FOR = timedelta(days=7)
CLOCKS_DISAGREE = timedelta(minutes=2)
"""How much the clocks of two requesting hosts may differ."""
METHODS = frozenset({"sha1", "sha256", "sha384", "sha512"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """What was requested of a hub, and what it granted: a row of ``subscriptions``."""

    feed: str
    hub: str
    topic: str
    """The address by which the hub knows the feed."""
    status: str = "asked"
    """asked, active or denied."""
    attempts: int = 0
    """How often the hub was asked since it last verified."""
    ask_at: datetime
    """When it should be asked, for the first time or again."""
    lease_until: datetime | None = None
    pushed_at: datetime | None = None
    error: str | None = None


def to_ask(
    feeds: Iterable[FeedSpec], states: Mapping[str, FeedState], known: Mapping[str, Subscription], now: datetime
) -> list[Subscription]:
    """Return the subscriptions to request at ``now``, in their state while the hub is asked."""
    offered = [state for feed in feeds if (state := states.get(feed.id)) and state.hub and state.topic]
    wanted = [_wanted(state, known.get(state.feed), now) for state in offered]
    return [_asked(each, now) for each in wanted if each.ask_at <= now or beyond_reach(each, now)]


def beyond_reach(known: Subscription, now: datetime) -> bool:
    """Return whether a subscription was last requested, granted or denied after ``now``: the clock has gone back."""
    return _settled_at(known) > now + CLOCKS_DISAGREE


def _settled_at(known: Subscription) -> datetime:
    """Return when it was decided to ask the hub again at ``ask_at``."""
    if known.status == "denied":
        return known.ask_at - DENIED_FOR
    if known.attempts or known.lease_until is None:
        return known.ask_at - _wait(known.attempts - 1)
    return known.ask_at - (known.lease_until - known.ask_at) * RENEWED / (1 - RENEWED)


def _wanted(state: FeedState, known: Subscription | None, now: datetime) -> Subscription:
    if known is not None and (known.hub, known.topic) == (state.hub, state.topic):
        return known
    return Subscription(feed=state.feed, hub=state.hub or "", topic=state.topic or "", ask_at=now)


def _asked(wanted: Subscription, now: datetime) -> Subscription:
    status = "asked" if wanted.status == "denied" else wanted.status
    ask_at = now + _wait(wanted.attempts)
    return replace(wanted, status=status, attempts=wanted.attempts + 1, ask_at=ask_at, error=None)


def _wait(attempts: int) -> timedelta:
    """Return how long to wait before asking a hub again after so many unanswered attempts."""
    return min(FIRST_WAIT * (1 << min(max(attempts, 0), 20)), LONGEST_WAIT)


def callback(base: str, subscription: Subscription, secret: str) -> str:
    """Return the address at which the hub reaches us; it cannot be guessed without knowing ``secret``."""
    return f"{base.rstrip('/')}/websub/{subscription.feed}/{token(subscription, secret)}"


def token(subscription: Subscription, secret: str) -> str:
    """Return the part that makes the address of a subscription impossible to guess."""
    return _derived("callback", subscription, secret)[:40]


def signing_key(subscription: Subscription, secret: str) -> str | None:
    """Return the key with which the hub signs its pushes; None if it would be sent unencrypted."""
    return _derived("content", subscription, secret) if subscription.hub.startswith("https:") else None


def _derived(purpose: str, subscription: Subscription, secret: str) -> str:
    about = f"{purpose}\n{subscription.feed}\n{subscription.hub}\n{subscription.topic}"
    return hmac.new(secret.encode(), about.encode(), hashlib.sha256).hexdigest()


def form(subscription: Subscription, *, base: str, secret: str) -> dict[str, str]:
    """Return the form of a subscription request."""
    key = signing_key(subscription, secret)
    return {
        "hub.mode": "subscribe",
        "hub.topic": subscription.topic,
        "hub.callback": callback(base, subscription, secret),
        "hub.lease_seconds": str(int(LEASE.total_seconds())),
    } | ({"hub.secret": key} if key else {})


def answered(subscription: Subscription, asked: Mapping[str, str], now: datetime) -> Subscription | None:
    """Return the subscription after the hub verified or denied it; None if it was not requested like this."""
    if asked.get("hub.topic") != subscription.topic:
        return None
    if asked.get("hub.mode") == "denied":
        reason = f"denied by the hub: {asked.get('hub.reason', 'no reason given')}"[:200]
        return replace(subscription, status="denied", ask_at=now + DENIED_FOR, lease_until=None, error=reason)
    seconds = asked.get("hub.lease_seconds", "")
    if asked.get("hub.mode") != "subscribe" or not subscription.attempts or not is_number(seconds):
        return None
    lease = min(max(timedelta(seconds=int(seconds[:9])), SHORTEST_LEASE), LONGEST_LEASE)
    return replace(
        subscription, status="active", attempts=0, ask_at=now + RENEWED * lease, lease_until=now + lease, error=None
    )


def genuine(content: bytes, signature: str, key: str | None) -> bool:
    """Return whether a push was signed with ``key``; without a key, every push is accepted."""
    if key is None:
        return True
    method, _, digest = signature.partition("=")
    if method not in METHODS:
        return False
    expected = hmac.new(key.encode(), content, method).hexdigest()
    return hmac.compare_digest(expected.encode(), digest.strip().lower().encode("utf-8", "replace"))
