"""Whether what answers at splunkd's address is this host's splunkd. Decided before the session key is sent.

Two things are asked of a certificate. Somebody whom splunkd trusts has signed it, or it is the very one in splunkd's
own ``serverCert`` file: then that is the anchor, and TLS is verified by it. And it is this splunkd's: the one in that
file, or one that names this host. The second matters as much as the first: a company's authority has signed the
certificates of many hosts, and that of Splunk's default certificates comes with every Splunk, key and all, so that from
it only the one in the file counts, whatever the path it is trusted by and whoever else is trusted beside it.
"""

from __future__ import annotations

import http.client
import os
import re
import socket
import ssl
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..errors import ConfigurationError
from . import server_conf

#: OpenSSL's X509_V_FLAG_PARTIAL_CHAIN: an anchor need not have signed itself. Python names it from 3.10 on.
_PARTIAL_CHAIN = getattr(ssl, "VERIFY_X509_PARTIAL_CHAIN", 0x80000)
#: OpenSSL's verify codes for "no chain to an authority that is known": X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT,
#: _SELF_SIGNED_CERT_IN_CHAIN, _UNABLE_TO_GET_ISSUER_CERT, _UNABLE_TO_GET_ISSUER_CERT_LOCALLY and
#: _UNABLE_TO_VERIFY_LEAF_SIGNATURE. Whatever else is wrong with a chain, such as its age, no pin makes good.
_NO_CHAIN = frozenset((18, 19, 2, 20, 21))
_BEGIN, _END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
#: Of the file with splunkd's certificate, this much is looked through.
_MOST = 1_000_000
_READABLE = "serverCert to a file that the user who runs Splunk can read"
_SET = "Set sslRootCAPath in server.conf [sslConfig] to the CA that signed it"


class NotTrusted(ConfigurationError):
    """What answers cannot be shown to be this host's splunkd. Nothing was sent."""


class Connection(http.client.HTTPConnection):
    """A connection to splunkd over TLS."""

    default_port = 443

    def connect(self) -> None:
        """Raises NotTrusted, or OSError where there is no connection at all."""
        trust = Trust.of_this_process()
        try:
            self._shake_hands(trust.by_authority)
        except ssl.SSLCertVerificationError as error:
            if error.verify_code not in _NO_CHAIN:
                self._forget(trust)
                raise self._refused(error.verify_message, f"Renew it, and restart Splunk. {_SET}.") from error
            self._connect_pinned(trust, error)
        shown: Any = self.sock
        if shown.getpeercert(True) == trust.certificate:
            return
        why = self._why_its_name_is_no_proof(trust)
        if why:
            self._forget(trust)
            if trust.certificate is None:
                raise self._refused(
                    f"it {why}, and {trust.no_file}", f"Set {_READABLE}; its place is in server.conf [sslConfig]."
                )
            raise self._refused(
                f"it is not the one in {trust.splunkd.certificate}, and {why}",
                "Restart Splunk if that file is new; otherwise find out what listens there.",
            )

    def _why_its_name_is_no_proof(self, trust: Trust) -> str:
        """Empty where it names this host, and somebody signed it whose key is their own."""
        if not self._names_this_host(trust):
            return "does not name this host"
        # Python tells the chain it verified from 3.13 on only. So hands are shaken again, without Splunk's authorities,
        # and what is sent goes over this second connection: the first has proved nothing.
        first: Any = self.sock
        first.close()
        try:
            self._shake_hands(trust.by_authority_of_others)
        except ssl.SSLCertVerificationError as error:
            return f"has no signer but one whose key comes with every Splunk ({error.verify_message})"
        return "" if self._names_this_host(trust) else "does not name this host"

    def _names_this_host(self, trust: Trust) -> bool:
        shown: Any = self.sock
        return _names_this_host(shown.getpeercert(), self.host, trust.splunkd)

    def _connect_pinned(self, trust: Trust, error: ssl.SSLCertVerificationError) -> None:
        if trust.certificate is None:
            self._forget(trust)
            raise self._refused(f"{error.verify_message}, and {trust.no_file}", f"{_SET}, or {_READABLE}.") from error
        try:
            self._shake_hands(trust.by_certificate)
        except ssl.SSLCertVerificationError as other:
            self._forget(trust)
            raise self._refused(other.verify_message, f"{_SET}.") from other

    def _shake_hands(self, context: ssl.SSLContext) -> None:
        super().connect()
        bare = self.sock
        try:
            self.sock = context.wrap_socket(bare, server_hostname=self.host)
        except BaseException:
            # Not ``self.close()``: this may be the middle of a request, which goes on when the next try succeeds.
            bare.close()
            raise

    def _forget(self, trust: Trust) -> None:
        """What is corrected in the files counts at the next try."""
        self.close()
        trust.forget()

    def _refused(self, why: str, hint: str) -> NotTrusted:
        what = f"splunkd at https://{self.host}:{self.port} shows a certificate that is not trusted ({why})."
        return NotTrusted(what, hint)


class Trust:
    """What this process trusts. Read once: settings and certificate of a running splunkd do not change."""

    _known: dict[tuple[str, str], Trust] = {}

    def __init__(self) -> None:
        self.splunkd = server_conf.read()
        #: The certificate in splunkd's own file, in DER; None where there is none, and then ``no_file`` says why.
        self.certificate: bytes | None = None
        self.no_file = ""
        try:
            self.certificate = _first_certificate(self.splunkd.certificate)
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or error
            self.no_file = f"the file of its own certificate, {self.splunkd.certificate}, gives none: {why}"
        self.by_authority = self._by_authority()
        self.by_authority_of_others = self._by_authority_of_others()
        self.by_certificate = _context()
        if self.certificate is not None:
            self.by_certificate.verify_flags |= _PARTIAL_CHAIN
            self.by_certificate.load_verify_locations(cadata=self.certificate)

    @classmethod
    def of_this_process(cls) -> Trust:
        known = cls._known.get(_place())
        if known is None:
            known = cls._known[_place()] = cls()
        return known

    def forget(self) -> None:
        self._known.pop(_place(), None)

    def _by_authority(self) -> ssl.SSLContext:
        context = _context()
        if self.splunkd.system_authorities and not _load(context, self.splunkd.system_file):
            context.load_default_certs()
        _load(context, self.splunkd.authorities)
        return context

    def _by_authority_of_others(self) -> ssl.SSLContext:
        """The same, without the certificates of Splunk's default authorities, wherever they came from."""
        everyone, default, others = self._by_authority(), _context(), _context()
        _load(default, self.splunkd.default_authorities)
        if self.splunkd.system_authorities:
            # OpenSSL looks into this folder only when it verifies, and until then does not tell what is in it.
            for path in _files(ssl.get_default_verify_paths().capath):
                _load(everyone, path)
        anchors = set(everyone.get_ca_certs(True)) - set(default.get_ca_certs(True))
        if anchors:
            others.load_verify_locations(cadata=b"".join(anchors))
        return others


def _place() -> tuple[str, str]:
    return os.environ.get("SPLUNK_HOME", ""), os.environ.get("SPLUNK_ETC", "")


def _context() -> ssl.SSLContext:
    """Verifies the chain. Names are compared here, by ``_names_this_host``: Splunk's own certificates have none."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    # Splunk's default authority lacks the extensions that this demands.
    context.verify_flags &= ~getattr(ssl, "VERIFY_X509_STRICT", 0)
    return context


def _load(context: ssl.SSLContext, path: str) -> bool:
    """Whether there were authorities to load. Where there were none, no chain to them can be built."""
    try:
        context.load_verify_locations(path)
    except (OSError, ValueError):
        return False
    return True


def _files(folder: str | None) -> list[str]:
    try:
        return [os.path.join(folder, name) for name in os.listdir(folder)] if folder else []
    except OSError:
        return []


def _first_certificate(path: str) -> bytes:
    """Raises OSError or ValueError. Nothing else of the file is kept: a private key is in it."""
    lines: list[str] = []
    with open(path, encoding="latin-1") as file:
        for line in _bounded(file):
            if line.startswith(_BEGIN) or lines:
                lines.append(line)
            if line.startswith(_END) and lines:
                return ssl.PEM_cert_to_DER_cert("".join(lines).strip())
    raise ValueError("it holds no certificate in PEM form")


def _bounded(file: Iterable[str]) -> Iterator[str]:
    size = 0
    for line in file:
        size += len(line)
        if size > _MOST:
            return
        yield line.strip() + "\n"


def _names_this_host(shown: Mapping[str, Any] | None, address: str, splunkd: server_conf.SplunkdTls) -> bool:
    """``shown``: a verified certificate, as ``ssl`` gives it."""
    alternative = [(kind, str(name)) for kind, name in (shown or {}).get("subjectAltName", ())]
    if not alternative:
        subject = (shown or {}).get("subject", ())
        alternative = [("DNS", str(value)) for part in subject for kind, value in part if kind == "commonName"]
    here = {address, socket.gethostname(), socket.getfqdn(), splunkd.server_name} - {""}
    return any(_matches(kind, name, host) for kind, name in alternative for host in here)


def _matches(kind: str, name: str, host: str) -> bool:
    if kind == "IP Address":
        # Hardly ever needed, and dear to load for an alert action.
        import ipaddress

        try:
            return ipaddress.ip_address(name) == ipaddress.ip_address(host)
        except ValueError:
            return False
    name, host = name.lower().rstrip("."), host.lower().rstrip(".")
    if name.startswith("*."):
        # One label, as in RFC 6125, section 6.4.3.
        return re.fullmatch(r"[^.]+" + re.escape(name[1:]), host) is not None
    return kind == "DNS" and name == host
