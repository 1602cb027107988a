"""botocore sessions that hear nothing of the host: no profile, endpoint, region, proxy or key of whoever runs splunkd.

The one exception is what tells a container where its own role's credentials are. Instance metadata and container
credentials are fetched directly, past every proxy.
"""

from __future__ import annotations

import contextlib
import contextvars
import copy
import functools
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ..settings.model import AwsAccount

#: What ECS, EKS Pod Identity and Greengrass set in a container (AWS SDKs Reference Guide, "Container credentials").
_CONTAINER = (
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
)
#: Seconds after which credentials are looked for again on a host that had none to give.
LOOK_AGAIN = 30.0
#: Cases whose sessions are kept of one role.
CASES = 100
#: The case that calls are made for; empty where they are made for several, or for none.
_case: contextvars.ContextVar[str] = contextvars.ContextVar("case", default="")


@contextlib.contextmanager
def of_case(case: str) -> Iterator[None]:
    """Calls of this thread within it are signed by a session of the case, where a role is assumed."""
    token = _case.set(case)
    try:
        yield
    finally:
        _case.reset(token)


@functools.cache
def loader() -> Any:
    """What loads botocore's own data, and nothing of the host's: others look below the home directory first.

    One for all sessions: what it has loaded is read only, and to load EC2's takes longer than to call it.
    """
    from botocore.loaders import Loader

    return Loader(extra_search_paths=[Loader.BUILTIN_DATA_PATH], include_default_search_paths=False)


@functools.cache
def _hooks() -> Any:
    """What botocore itself has called at each event of a session. To register it takes longer than all else of one."""
    import botocore.session
    from botocore.hooks import HierarchicalEmitter

    hooks = HierarchicalEmitter()
    botocore.session.Session(event_hooks=hooks)
    return hooks


def isolated_session() -> Any:
    """A botocore session without credentials. Every one of its settings has botocore's default."""
    import botocore.session
    from botocore.configprovider import BOTOCORE_DEFAUT_SESSION_VARIABLES, ConstantProvider

    variables = {name: (None, None, found[2], found[3]) for name, found in BOTOCORE_DEFAUT_SESSION_VARIABLES.items()}
    for name in ("config_file", "credentials_file"):
        variables[name] = (None, None, os.devnull, None)
    hooks = copy.copy(_hooks())
    session = botocore.session.Session(session_vars=variables, event_hooks=hooks, include_builtin_handlers=False)
    # S3 has variables of its own.
    session.get_component("config_store").set_config_provider("s3", ConstantProvider(None))
    session.register_component("data_loader", loader())
    return session


def with_keys(account: AwsAccount) -> Any:
    """A session with the key pair of an entry."""
    session = isolated_session()
    session.set_credentials(account.access_key_id, account.secret_access_key.reveal())
    return session


def with_function_role(environment: Mapping[str, str] = os.environ) -> Any:
    """A session with the role of the Lambda function that this process is; Lambda starts others before it expires.

    Source: Lambda Developer Guide, "Defined runtime environment variables".
    """
    session = isolated_session()
    names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
    session.set_credentials(*(environment.get(name) for name in names))
    return session


def with_host_role(
    metadata_url: str,
    environment: Mapping[str, str] = os.environ,
    monotonic: Callable[[], float] = time.monotonic,
) -> Any:
    """A session with the role of the container or instance that this host is.

    Where there is none (yet), each call fails until there is one; the host is asked again after ``LOOK_AGAIN`` only.
    ``metadata_url``: where the instance's credentials come from; empty for EC2's own address.
    """
    from botocore import credentials
    from botocore.httpsession import URLLib3Session
    from botocore.utils import METADATA_BASE_URL, ContainerMetadataFetcher, InstanceMetadataFetcher

    session = isolated_session()
    given = {name: environment[name] for name in _CONTAINER if name in environment}
    container: Any = ContainerMetadataFetcher(session=URLLib3Session(timeout=2, proxies={}))
    base_url, agent = metadata_url or METADATA_BASE_URL, session.user_agent()
    instance: Any = InstanceMetadataFetcher(timeout=1, num_attempts=2, base_url=base_url, env={}, user_agent=agent)
    # It takes the proxies of the environment, and no argument says otherwise.
    instance._session = URLLib3Session(timeout=1, proxies={})
    container.retrieve_full_uri = _Sparing(container.retrieve_full_uri, monotonic)
    instance.retrieve_iam_role_credentials = _Sparing(instance.retrieve_iam_role_credentials, monotonic)
    host = credentials.CredentialResolver(
        providers=[
            credentials.ContainerProvider(environ=given, fetcher=container),
            credentials.InstanceMetadataProvider(instance),
        ]
    )
    role: Any = _Fixed(_HostRole(host.load_credentials))
    session.register_component("credential_provider", credentials.CredentialResolver(providers=[role]))
    return session


def with_role(assume: Callable[[str], dict[str, str]]) -> Any:
    """A session whose credentials come from ``assume`` as they are needed, in the form botocore refreshes them from.

    ``assume`` is given the case that they are for (``of_case``); the clients are the same for all cases.
    """
    from botocore import credentials

    session = isolated_session()
    role: Any = _Fixed(_ByCase(assume))
    session.register_component("credential_provider", credentials.CredentialResolver(providers=[role]))
    return session


class _Fixed:
    """A botocore credential provider that hands out what it was given."""

    METHOD = CANONICAL_NAME = "responder"

    def __init__(self, credentials: Any) -> None:
        self._credentials = credentials

    def load(self) -> Any:
        return self._credentials


class _ByCase:
    """botocore credentials that are, whenever a request is signed, those of the case that it is made for."""

    def __init__(self, assume: Callable[[str], dict[str, str]]) -> None:
        self._assume = assume
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, Any] = OrderedDict()

    def get_deferred_property(self, name: str) -> Callable[[], Any]:
        return lambda: getattr(self._of_now(), name, None)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._of_now(), name)

    def _of_now(self) -> Any:
        from botocore.credentials import DeferredRefreshableCredentials

        case = _case.get()
        with self._lock:
            if case not in self._kept:
                assume = functools.partial(self._assume, case)
                self._kept[case] = DeferredRefreshableCredentials(method="assume-role", refresh_using=assume)
            self._kept.move_to_end(case)
            while len(self._kept) > CASES:
                self._kept.popitem(last=False)
            return self._kept[case]


class _Sparing:
    """Asks for credentials of the host; what failed is not asked again for a while, however many calls need them.

    botocore asks for each call anew, for seconds each time: where there are none, and where they cannot be renewed.
    """

    def __init__(self, ask: Callable[..., dict[str, Any]], monotonic: Callable[[], float]) -> None:
        self._ask = ask
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._failed_at = float("-inf")
        #: Why; empty where the host says that it has none.
        self._reason = ""

    def __call__(self, *asked: Any, **named: Any) -> dict[str, Any]:
        from botocore.exceptions import MetadataRetrievalError

        with self._lock:
            if self._monotonic() - self._failed_at >= LOOK_AGAIN:
                try:
                    found = self._ask(*asked, **named)
                    self._reason = ""
                except MetadataRetrievalError as error:
                    found, self._reason = {}, str(error)
                if found:
                    return found
                self._failed_at = self._monotonic()
            if self._reason:
                raise MetadataRetrievalError(error_msg=self._reason)
            return {}


class _HostRole:
    """botocore credentials that are looked for when a request is signed, until there are some.

    botocore looks when a client is made, and a client that found none would never have any.
    """

    def __init__(self, load: Callable[[], Any]) -> None:
        self._load = load
        self._lock = threading.Lock()
        self._credentials: Any = None

    def get_deferred_property(self, name: str) -> Callable[[], Any]:
        return lambda: getattr(self._found(), name, None)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._found(), name)

    def _found(self) -> Any:
        from botocore.exceptions import NoCredentialsError

        with self._lock:
            if self._credentials is None:
                self._credentials = self._load()
            if self._credentials is None:
                raise NoCredentialsError
            return self._credentials
