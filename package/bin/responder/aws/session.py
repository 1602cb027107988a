"""botocore sessions that hear nothing of the host: no profile, endpoint, region, proxy or key of whoever runs splunkd.

The one exception is what tells a container where its own role's credentials are. Instance metadata and container
credentials are fetched directly, past every proxy.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

from ..settings.model import AwsAccount

#: What ECS, EKS Pod Identity and Greengrass set in a container (AWS SDKs Reference Guide, "Container credentials").
_CONTAINER = (
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
)


def isolated_session() -> Any:
    """A botocore session without credentials. Every one of its settings has botocore's default."""
    import botocore.session
    from botocore.configprovider import BOTOCORE_DEFAUT_SESSION_VARIABLES, ConstantProvider
    from botocore.loaders import Loader

    variables = {name: (None, None, found[2], found[3]) for name, found in BOTOCORE_DEFAUT_SESSION_VARIABLES.items()}
    for name in ("config_file", "credentials_file"):
        variables[name] = (None, None, os.devnull, None)
    session = botocore.session.Session(session_vars=variables)
    # S3 has variables of its own, and the loader would read service models below the home directory first.
    session.get_component("config_store").set_config_provider("s3", ConstantProvider(None))
    loader = Loader(extra_search_paths=[Loader.BUILTIN_DATA_PATH], include_default_search_paths=False)
    session.register_component("data_loader", loader)
    return session


def with_keys(account: AwsAccount) -> Any:
    """A session with the key pair of an entry."""
    session = isolated_session()
    session.set_credentials(account.access_key_id, account.secret_access_key.reveal())
    return session


def with_host_role(metadata_url: str, environment: Mapping[str, str] = os.environ) -> Any:
    """A session with the role of the container or instance that this host is.

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
    providers = [
        credentials.ContainerProvider(environ=given, fetcher=container),
        credentials.InstanceMetadataProvider(instance),
    ]
    session.register_component("credential_provider", credentials.CredentialResolver(providers=providers))
    return session


def with_role(assume: Callable[[], dict[str, str]]) -> Any:
    """A session whose credentials come from ``assume`` as they are needed, in the form botocore refreshes them from."""
    from botocore import credentials

    session = isolated_session()
    role: Any = _Fixed(credentials.DeferredRefreshableCredentials(method="assume-role", refresh_using=assume))
    session.register_component("credential_provider", credentials.CredentialResolver(providers=[role]))
    return session


class _Fixed:
    """A botocore credential provider that hands out what it was given."""

    METHOD = CANONICAL_NAME = "responder"

    def __init__(self, credentials: Any) -> None:
        self._credentials = credentials

    def load(self) -> Any:
        return self._credentials
