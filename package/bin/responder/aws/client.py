"""AWS: clients of one account entry, their identity, and calls that fail in our words.

botocore alone is used (boto3's clients are botocore's). Nothing of the process environment or of ``~/.aws`` counts:
no profile, endpoint, region, proxy or key of a user of the host may slip into what is done in an account.
"""

from __future__ import annotations

import os
import re
import threading
import time
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Callable, Dict, List, Mapping, Optional, Tuple
from urllib.parse import urlsplit

from ..errors import ConfigurationError
from ..settings.model import AwsAccount, Http
from . import arn
from .errors import Attempted, code_of, iam_action, translate

SESSION_NAME = "cloudtrail-responder"
#: Parameters that say what a call is about, for messages.
_SUBJECTS = ("Bucket", "SecurityGroupRuleIds", "GroupId", "GroupIds", "AccessKeyId", "UserName", "RoleArn", "Name")
#: What botocore would read from the environment or the home directory.
_DEAF = {
    "profile": (None, None, None, None),
    "config_file": (None, None, os.devnull, None),
    "credentials_file": (None, None, os.devnull, None),
    "ignore_configured_endpoint_urls": (None, None, True, None),
    "ca_bundle": (None, None, None, None),
    "use_fips_endpoint": (None, None, None, None),
    "use_dualstack_endpoint": (None, None, None, None),
}


@dataclass(frozen=True)
class Identity:
    """Who the responder is in AWS."""

    #: 12 digits.
    account: str
    #: Whom AWS sees acting; a role session when a role is assumed.
    arn: str
    #: Every ARN and access key id it is made of: key, its user, role, session.
    selves: Tuple[str, ...] = ()

    def is_self(self, principal: str) -> bool:
        """Whether an ARN, a user or role name or a key id is (part of) the responder. Names match without case."""
        return any(_same(own, principal) for own in (self.arn, *self.selves))


def _same(own: str, principal: str) -> bool:
    mine, other = arn.parse(own), arn.parse(principal)
    if mine and other:
        return (mine.account, _kind(mine), mine.name.lower()) == (other.account, _kind(other), other.name.lower())
    if other:
        return False
    # A bare name may be that of somebody in another account; refusing him too is the safe side.
    return (mine.name if mine else own).lower() == principal.lower()


def _kind(name: arn.Arn) -> str:
    return "role" if name.kind == "assumed-role" else name.kind


class Aws:
    """One entry of the AWS accounts tab. Safe to share between threads; clients are made once each.

    ``attempts`` counts the first try too. ``sleep`` is how verifications wait (seconds) for AWS to catch up.
    """

    def __init__(
        self, account: AwsAccount, http: Http, *, attempts: int = 4, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self.account = account
        self.sleep = sleep
        self._http = http
        self._attempts = attempts
        self._lock = threading.RLock()
        self._identity_lock = threading.Lock()
        self._sessions: Dict[bool, Any] = {}
        self._clients: Dict[Tuple[bool, str, str], Any] = {}
        self._identity: Optional[Identity] = None

    # Calls

    def read(self, service: str, operation: str, region: str = "", **parameters: Any) -> Dict[str, Any]:
        """One call that changes nothing; operation as in boto3 (snake_case). Raises a ResponderError."""
        return self._invoke(service, operation, region, parameters, write=False) or {}

    def read_if(
        self, absent: Tuple[str, ...], service: str, operation: str, region: str = "", **parameters: Any
    ) -> Optional[Dict[str, Any]]:
        """As ``read``, but None where AWS answers with one of the error codes in ``absent``."""
        return self._invoke(service, operation, region, parameters, write=False, expected=absent)

    def read_all(
        self, key: str, service: str, operation: str, region: str = "", **parameters: Any
    ) -> List[Dict[str, Any]]:
        """As ``read``, every page; returns the items below ``key``."""
        items: List[Dict[str, Any]] = []
        while True:
            page = self.read(service, operation, region, **parameters)
            items.extend(page.get(key) or ())
            if page.get("NextToken"):
                parameters["NextToken"] = page["NextToken"]
            elif page.get("IsTruncated") and page.get("Marker"):
                parameters["Marker"] = page["Marker"]
            else:
                return items

    def call(
        self, service: str, operation: str, region: str = "", done: Tuple[str, ...] = (), **parameters: Any
    ) -> Dict[str, Any]:
        """One call that changes something. Error codes in ``done`` mean that it is so already (answer: empty).

        Raises UnknownOutcome where the request left and no answer tells what became of it.
        """
        return self._invoke(service, operation, region, parameters, write=True, expected=done) or {}

    def _invoke(
        self,
        service: str,
        operation: str,
        region: str,
        parameters: Mapping[str, Any],
        write: bool,
        expected: Tuple[str, ...] = (),
        acting: bool = True,
    ) -> Optional[Dict[str, Any]]:
        """None for an error whose code was expected."""
        from botocore.exceptions import BotoCoreError, ClientError

        client = self._client(service, region, acting)
        try:
            answer: Dict[str, Any] = getattr(client, operation)(**parameters)
        except (BotoCoreError, ClientError) as error:
            if expected and code_of(error) in expected:
                return None
            tried = self._attempted(client, service, operation, region, parameters, write)
            raise translate(error, tried) from error
        answer.pop("ResponseMetadata", None)
        return answer

    def _attempted(
        self, client: Any, service: str, operation: str, region: str, parameters: Mapping[str, Any], write: bool
    ) -> Attempted:
        about = next((parameters[name] for name in _SUBJECTS if parameters.get(name)), "")
        return Attempted(
            entry=self.account.name,
            account=self.account.account_id,
            region=region or self.account.default_region,
            action=iam_action(service, client.meta.method_to_api_mapping[operation]),
            resource=", ".join(about) if isinstance(about, (list, tuple)) else str(about),
            write=write,
        )

    # Who we are

    def identity(self) -> Identity:
        """Whom AWS sees (``sts:GetCallerIdentity``, which needs no permission). Asked once."""
        with self._identity_lock:
            if self._identity is None:
                who = self._caller(acting=True)
                selves = [self.account.access_key_id, self.account.role_arn]
                if self.account.role_arn:
                    selves.append(str(self._caller(acting=False)["Arn"]))
                kept = tuple(own for own in selves if own)
                self._identity = Identity(account=str(who["Account"]), arn=str(who["Arn"]), selves=kept)
            return self._identity

    def _caller(self, acting: bool) -> Dict[str, Any]:
        return self._invoke("sts", "get_caller_identity", "", {}, write=False, acting=acting) or {}

    def is_self(self, principal: str) -> bool:
        """Whether an ARN, a name or a key id is the responder's own; see ``Identity.is_self``."""
        return self.identity().is_self(principal)

    def assert_account(self) -> None:
        """Call before the first write. Raises ConfigurationError when the credentials act in another account."""
        who = self.identity()
        if who.account != self.account.account_id:
            raise ConfigurationError(
                f"AWS account entry '{self.account.name}' is for account {self.account.account_id}, "
                f"but its credentials act in account {who.account} as {who.arn}.",
                "Correct the account id, the key or the role on the AWS accounts tab.",
            )

    def check(self) -> str:
        """Test the entry as a whole (credentials, role, account id). Returns one line; raises a ResponderError."""
        self.assert_account()
        who = self.identity()
        return f"Connected as {who.arn} in account {who.account}."

    # Clients

    def client(self, service: str, region: str = "") -> Any:
        """The boto3 client of a service; in the entry's default region unless told (IAM has none: leave it)."""
        return self._client(service, region, acting=True)

    def _client(self, service: str, region: str, acting: bool) -> Any:
        region = region or self.account.default_region
        if not re.fullmatch(r"[a-z]{2}[a-z0-9-]{3,30}", region):
            raise ConfigurationError(f"'{region}' is not an AWS region.", "Correct it on the AWS accounts tab.")
        acting = acting and bool(self.account.role_arn)
        with self._lock:
            key = (acting, service, region)
            if key not in self._clients:
                self._clients[key] = self._make_client(service, region, acting)
            return self._clients[key]

    def _make_client(self, service: str, region: str, acting: bool) -> Any:
        from botocore.config import Config
        from botocore.exceptions import BotoCoreError

        endpoint = self.account.endpoint_url
        options: Dict[str, Any] = {
            "retries": {"mode": "standard", "total_max_attempts": self._attempts},
            "connect_timeout": self._http.connect_timeout,
            "read_timeout": self._http.read_timeout,
            "proxies": {} if endpoint else self._proxies(),
            "ignore_configured_endpoint_urls": True,
            "user_agent_extra": SESSION_NAME,
        }
        if endpoint:
            options["s3"] = {"addressing_style": "path"}
        verify = self._ca_bundle()
        try:
            return self._session(acting).create_client(
                service, region_name=region, endpoint_url=endpoint or None, verify=verify, config=Config(**options)
            )
        except BotoCoreError as error:
            tried = Attempted(self.account.name, self.account.account_id, region, service, "", write=False)
            raise translate(error, tried) from error

    def _proxies(self) -> Dict[str, str]:
        """Never None: botocore would then ask the environment."""
        url = self._http.proxy_url.reveal()
        if not url:
            return {}
        if urlsplit(url).scheme not in ("http", "https"):
            raise ConfigurationError(
                "AWS cannot be reached through a SOCKS proxy (botocore knows none).",
                "Use an HTTP proxy on the Proxy tab.",
            )
        return {"http": url, "https": url}

    def _ca_bundle(self) -> Any:
        bundle = self._http.ca_bundle
        if bundle and not os.path.isfile(bundle):
            raise ConfigurationError(f"The CA bundle {bundle} is not a file.", "Correct it on the General tab.")
        return bundle or True

    # Credentials

    def _session(self, acting: bool) -> Any:
        if acting not in self._sessions:
            import botocore.session

            session = botocore.session.Session(session_vars=_DEAF)
            self._give_credentials(session, acting)
            self._sessions[acting] = session
        return self._sessions[acting]

    def _give_credentials(self, session: Any, acting: bool) -> None:
        from botocore import credentials

        if not acting and self.account.auth_type == "access_key":
            session.set_credentials(self.account.access_key_id, self.account.secret_access_key.reveal())
            return
        if acting:
            role = credentials.DeferredRefreshableCredentials(method="assume-role", refresh_using=self._assume_role)
            providers: List[Any] = [_Given(role)]
        else:
            from botocore.utils import InstanceMetadataFetcher

            fetcher = InstanceMetadataFetcher(timeout=1, num_attempts=2, user_agent=session.user_agent())
            providers = [credentials.ContainerProvider(), credentials.InstanceMetadataProvider(fetcher)]
        session.register_component("credential_provider", credentials.CredentialResolver(providers=providers))

    def _assume_role(self) -> Dict[str, str]:
        """Credentials of the role as botocore's refreshing credentials want them. They last an hour."""
        parameters = {"RoleArn": self.account.role_arn, "RoleSessionName": SESSION_NAME}
        if self.account.external_id:
            parameters["ExternalId"] = self.account.external_id
        answer = self._invoke("sts", "assume_role", "", parameters, write=False, acting=False) or {}
        given = answer["Credentials"]
        if given["Expiration"] <= datetime.now(timezone.utc):
            raise ConfigurationError(
                f"The session of {self.account.role_arn} has expired before it began.",
                "Set the clock of this host by NTP.",
            )
        return {
            "access_key": given["AccessKeyId"],
            "secret_key": given["SecretAccessKey"],
            "token": given["SessionToken"],
            "expiry_time": given["Expiration"].isoformat(),
        }


class _Given:
    """A botocore credential provider that hands out what it was given."""

    METHOD = CANONICAL_NAME = "responder"

    def __init__(self, credentials: Any) -> None:
        self._credentials = credentials

    def load(self) -> Any:
        return self._credentials
