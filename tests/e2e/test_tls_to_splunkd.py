"""The app talks to this host's splunkd and to nothing else, however TLS is set up; what it cannot hand over is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from tls_shapes import Home, Impostor, Installation

from sandbox.splunkd.certificates import Authority, self_signed

SLOW = pytest.mark.slow
Prepare = Callable[[Home], None]
Running = Callable[[], AbstractContextManager[Installation]]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "splunk")


@pytest.fixture
def running(home: Home, built_app: Path, one_version: str) -> Running:
    return lambda: Installation.running(home.folder, built_app, one_version)


def default_chain(home: Home) -> None:
    home.default_certificates()


def authority_of_an_app(home: Home) -> None:
    """The usual way to roll out certificates: an app with a server.conf, beside Splunk's own that nobody uses."""
    home.default_certificates()
    auth = home.folder / "etc/apps/company_tls/auth"
    authority = Authority.made("Example Corp CA")
    authority.write(auth / "ca.pem")
    authority.issue(auth / "server.pem", names=("sh1.example.com",), common_name="sh1.example.com")
    home.server_conf(
        "apps/company_tls/local",
        sslRootCAPath="$SPLUNK_HOME/etc/apps/company_tls/auth/ca.pem",
        serverCert="$SPLUNK_HOME/etc/apps/company_tls/auth/server.pem",
    )


def relative_to_ca_path(home: Home) -> None:
    authority = Authority.made("Example Corp CA")
    authority.write(home.folder / "pki/corp.pem")
    authority.issue(home.folder / "pki/sh1.pem", names=("sh1.example.com",))
    home.server_conf("system/local", caPath="$SPLUNK_HOME/pki", caCertFile="corp.pem", serverCert="sh1.pem")


def self_signed_certificate(home: Home) -> None:
    self_signed(home.folder / "etc/auth/own.pem", names=(), common_name="sh1")
    home.server_conf("system/local", serverCert="$SPLUNK_HOME/etc/auth/own.pem")


def signed_by_an_authority_that_is_not_here(home: Home) -> None:
    Authority.made("Elsewhere CA").issue(home.folder / "etc/auth/own.pem", names=())
    home.server_conf("system/local", serverCert="$SPLUNK_HOME/etc/auth/own.pem")


def authorities_of_the_system(home: Home) -> None:
    authority = Authority.made("Example Corp CA")
    authority.write(home.folder / "os/roots.pem")
    authority.issue(home.folder / "etc/auth/own.pem", names=("sh1.example.com",))
    home.server_conf(
        "apps/company_tls/default",
        caTrustStore="OS",
        caTrustStorePath="$SPLUNK_HOME/os/roots.pem",
        serverCert="$SPLUNK_HOME/etc/auth/own.pem",
    )


@pytest.mark.parametrize(
    "prepare",
    [
        default_chain,
        authority_of_an_app,
        self_signed_certificate,
        *(
            pytest.param(one, marks=SLOW)
            for one in (relative_to_ca_path, signed_by_an_authority_that_is_not_here, authorities_of_the_system)
        ),
    ],
)
def test_findings_are_handed_over_in_every_shape(home: Home, running: Running, prepare: Prepare) -> None:
    prepare(home)
    with running() as app:
        run = app.fire()
        assert (app.recorded(), app.spooled()) == (1, []), run.stderr
        assert "the-keys-password" not in app.logs() + run.stderr


def test_the_file_is_the_anchor_on_each_python(home: Home, built_app: Path, python_version: str) -> None:
    signed_by_an_authority_that_is_not_here(home)
    with Installation.running(home.folder, built_app, python_version) as app:
        run = app.fire()
        assert (app.recorded(), app.spooled()) == (1, []), run.stderr


@pytest.mark.extended
@pytest.mark.parametrize(
    ("prepare", "file", "to_set"),
    [
        (self_signed_certificate, "etc/auth/own.pem", "sslRootCAPath"),
        # The authority's key comes with every Splunk: alone it proves nothing.
        (default_chain, "etc/auth/server.pem", "serverCert"),
    ],
)
def test_a_certificate_file_that_is_gone_stops_the_action_and_its_results_wait(
    home: Home, running: Running, prepare: Prepare, file: str, to_set: str
) -> None:
    prepare(home)
    own = home.folder / file
    with running() as app:
        kept = own.read_bytes()
        own.unlink()
        run = app.fire()
        (line,) = [line for line in run.stderr.splitlines() if line.startswith("ERROR")]
        assert run.exit_code == 3 and f"Set {to_set}" in line and str(own) in line and "Traceback" not in run.stderr
        assert (app.recorded(), len(app.spooled())) == (0, 1)

        own.write_bytes(kept)
        (instance,) = [found for found in app.runner.inputs.instances() if found.scheme == "responder_worker"]
        app.runner.inputs.run_once(instance)
        assert (app.recorded(), app.spooled()) == (1, [])


@pytest.fixture
def authority() -> Authority:
    return Authority.made("Example Corp CA")


def expired_authority(home: Home) -> None:
    authority = Authority.made("Example Corp CA", days=(-10, -1))
    authority.write(home.folder / "pki/corp.pem")
    authority.issue(home.folder / "pki/sh1.pem")
    settings = {"sslRootCAPath": "$SPLUNK_HOME/pki/corp.pem", "serverCert": "$SPLUNK_HOME/pki/sh1.pem"}
    home.server_conf("system/local", **settings)


def expired_certificate(home: Home) -> None:
    authority = Authority.made("Example Corp CA")
    authority.write(home.folder / "pki/corp.pem")
    authority.issue(home.folder / "pki/sh1.pem", days=(-10, -1))
    settings = {"sslRootCAPath": "$SPLUNK_HOME/pki/corp.pem", "serverCert": "$SPLUNK_HOME/pki/sh1.pem"}
    home.server_conf("system/local", **settings)


@pytest.mark.extended
@pytest.mark.parametrize("prepare", [expired_authority, expired_certificate])
def test_what_has_expired_is_not_made_good_by_the_file(home: Home, running: Running, prepare: Prepare) -> None:
    prepare(home)
    with running() as app:
        run = app.fire()
        assert run.exit_code == 3 and "expired" in run.stderr, run.stderr
        assert (app.recorded(), len(app.spooled())) == (0, 1)


Forge = Callable[[Home, Path], None]


def of_its_own(home: Home, path: Path) -> None:
    self_signed(path)


def of_another_authority(home: Home, path: Path) -> None:
    Authority.made("Example Corp CA").issue(path)


@pytest.mark.extended
@pytest.mark.parametrize(
    "prepare", [default_chain, self_signed_certificate, pytest.param(authority_of_an_app, marks=SLOW)]
)
@pytest.mark.parametrize("forge", [of_its_own, of_another_authority])
def test_whoever_else_listens_on_loopback_is_told_nothing(
    home: Home, running: Running, prepare: Prepare, forge: Forge
) -> None:
    prepare(home)
    forge(home, home.folder / "impostor.pem")
    assert_nothing_is_told(running, home.folder / "impostor.pem")


def assert_nothing_is_told(running: Running, certificate: Path) -> None:
    with running() as app, Impostor(certificate) as impostor:
        app.splunkd.impostor = impostor.url
        run = app.fire()
        assert run.exit_code == 3 and "not trusted" in run.stderr, run.stderr
        assert impostor.requests == []
        assert (app.recorded(), len(app.spooled())) == (0, 1)


def test_another_hosts_certificate_of_the_same_authority_is_not_ours(
    home: Home, running: Running, authority: Authority
) -> None:
    authority.write(home.folder / "pki/corp.pem")
    authority.issue(home.folder / "pki/sh1.pem", names=("sh1.example.com",))
    authority.issue(home.folder / "pki/web7.pem", names=("web7.example.com",))
    settings = {"sslRootCAPath": "$SPLUNK_HOME/pki/corp.pem", "serverCert": "$SPLUNK_HOME/pki/sh1.pem"}
    home.server_conf("system/local", **settings)
    assert_nothing_is_told(running, home.folder / "pki/web7.pem")


@pytest.mark.extended
def test_splunks_own_authority_vouches_for_nobody_but_the_file(home: Home, running: Running) -> None:
    """Its private key comes with every Splunk."""
    home.default_certificates().issue(home.folder / "forged.pem", names=("localhost", "127.0.0.1"))
    assert_nothing_is_told(running, home.folder / "forged.pem")


def beside_those_of_the_system(home: Home) -> None:
    home.server_conf("system/local", caTrustStore="splunk,OS")


def in_the_file_of_the_system(home: Home) -> None:
    home.server_conf("system/local", caTrustStore="OS", caTrustStorePath="$SPLUNK_HOME/etc/auth/cacert.pem")


def by_another_spelling(home: Home) -> None:
    home.server_conf("system/local", sslRootCAPath="$SPLUNK_HOME/etc/auth/./cacert.pem")


def through_a_link(home: Home) -> None:
    (home.folder / "pki").symlink_to(home.folder / "etc/auth")
    home.server_conf("system/local", sslRootCAPath="$SPLUNK_HOME/pki/cacert.pem")


def in_a_bundle(home: Home) -> None:
    bundle = home.folder / "etc/auth/bundle.pem"
    Authority.made("Example Corp CA").write(bundle)
    bundle.write_bytes(bundle.read_bytes() + (home.folder / "etc/auth/cacert.pem").read_bytes())
    home.server_conf("system/local", sslRootCAPath="$SPLUNK_HOME/etc/auth/bundle.pem")


@pytest.mark.extended
@pytest.mark.parametrize(
    "trusted",
    [
        beside_those_of_the_system,
        *(pytest.param(one, marks=SLOW) for one in (in_the_file_of_the_system, by_another_spelling, through_a_link)),
        pytest.param(in_a_bundle, marks=SLOW),
    ],
)
def test_splunks_own_authority_is_known_by_its_certificate(home: Home, running: Running, trusted: Prepare) -> None:
    """However it came to be trusted, and whoever is trusted beside it."""
    default = home.default_certificates()
    trusted(home)
    default.issue(home.folder / "forged.pem", names=("localhost", "127.0.0.1"))
    assert_nothing_is_told(running, home.folder / "forged.pem")
    with running() as app:
        assert "certificate" not in app.fire().stderr and app.recorded() == 1


@pytest.mark.extended
def test_a_certificate_that_names_this_host_is_ours_before_the_restart_that_brings_the_new_one(
    home: Home, running: Running, authority: Authority
) -> None:
    authority.write(home.folder / "pki/corp.pem")
    authority.issue(home.folder / "pki/sh1.pem", names=("sh1.example.com",))
    settings = {"sslRootCAPath": "$SPLUNK_HOME/pki/corp.pem", "serverCert": "$SPLUNK_HOME/pki/sh1.pem"}
    home.server_conf("system/local", **settings)
    general = home.folder / "etc/apps/company_tls/default/server.conf"
    general.parent.mkdir(parents=True)
    general.write_text("[general]\nserverName = sh1.example.com\n", encoding="utf-8")
    with running() as app:
        authority.issue(home.folder / "pki/sh1.pem", names=("sh1.example.com",))
        assert "certificate" not in app.fire().stderr and app.recorded() == 1


@pytest.fixture
def layered(home: Home) -> Iterator[Home]:
    """Several layers set the certificate; only one file is there, and splunkd shows it."""
    self_signed(home.folder / "right.pem", names=())
    yield home


@pytest.mark.extended
@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("system/local", "apps/a_tls/local"),
        ("apps/B_tls/local", "apps/a_tls/local"),
        pytest.param("apps/a_tls/local", "apps/b_tls/local", marks=SLOW),
        pytest.param("apps/z_tls/local", "apps/a_tls/default", marks=SLOW),
        pytest.param("apps/z_tls/default", "system/default", marks=SLOW),
    ],
)
def test_the_strongest_layer_counts(layered: Home, running: Running, right: str, wrong: str) -> None:
    Authority.made().issue(layered.folder / "wrong.pem", names=())
    layered.server_conf(right, serverCert="$SPLUNK_HOME/right.pem")
    layered.server_conf(wrong, serverCert="$SPLUNK_HOME/wrong.pem")
    with running() as app:
        assert "certificate" not in app.fire().stderr and app.recorded() == 1


@pytest.mark.extended
def test_an_app_that_is_disabled_sets_nothing(layered: Home, running: Running) -> None:
    layered.server_conf("apps/a_tls/local", serverCert="$SPLUNK_HOME/wrong.pem")
    layered.server_conf("apps/z_tls/local", serverCert="$SPLUNK_HOME/right.pem")
    disabled = layered.folder / "etc/apps/a_tls/local/app.conf"
    disabled.write_text("[install]\nstate = disabled\n", encoding="utf-8")
    with running() as app:
        assert "certificate" not in app.fire().stderr and app.recorded() == 1
