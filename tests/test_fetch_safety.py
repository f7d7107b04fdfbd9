"""Which addresses may be connected to, and that the address that was checked is the one that is used."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from ipaddress import ip_address, ip_network

import httpcore
import pytest

from monitor.errors import UsageError
from monitor.fetch import Fetcher, Limits
from monitor.fetch.safety import Addresses, CheckedBackend, is_public
from monitor.fetch.trouble import Trouble
from monitor.model import Capture, Document, FetchFailure
from tests import faults
from tests.faults import FaultServer, answer

QUICK = Limits(pauses=())


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::7f00:1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::7f00:1",
        "64:ff9b::a00:1",
        "64:ff9b:1::7f00:1",
        "2002:7f00:1::1",
        "2002:a00:1::",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "fd12:3456::1",
        "fec0::1",
        "ff02::1",
        "ff0e::1",
        "2001:db8::1",
    ],
)
def test_an_address_inside_is_not_public(address):
    assert not is_public(ip_address(address))


@pytest.mark.parametrize(
    "address",
    ["93.184.215.14", "2606:2800:21f::1", "::ffff:93.184.215.14", "64:ff9b::5db8:d70e", "2002:5db8:d70e::1"],
)
def test_an_address_on_the_internet_is_public(address):
    assert is_public(ip_address(address))


def test_an_allowed_network_admits_its_addresses_in_either_form_and_no_others():
    addresses = Addresses((ip_network("10.0.0.0/8"),))
    assert addresses.permits(ip_address("10.2.3.4"))
    assert addresses.permits(ip_address("::ffff:10.2.3.4"))
    assert not addresses.permits(ip_address("192.168.0.1"))


class Recorder(httpcore.AsyncMockBackend):
    """A network that notes where it was sent; the addresses in `dead` do not answer."""

    def __init__(self, dead=()):
        super().__init__([])
        self.dead = dead
        self.connected = []

    async def connect_tcp(self, host, port, timeout=None, local_address=None, socket_options=None):
        self.connected.append((host, timeout))
        if host in self.dead:
            raise httpcore.ConnectError("no route")
        return httpcore.AsyncMockStream([])


def connect(answers, *, allowed=(), dead=()):
    """Connects once to a name that resolves to the next of `answers` each time it is asked."""
    left = list(answers)
    network = Recorder(dead)

    async def resolve(host, port):
        return tuple(ip_address(address) for address in left.pop(0))

    backend = CheckedBackend(Addresses(tuple(map(ip_network, allowed))), resolve, network)
    asyncio.run(backend.connect_tcp("terms.example", 443, timeout=12.0))
    return network.connected


def test_a_name_is_resolved_once_and_the_checked_address_is_connected_to():
    assert connect([["93.184.215.14"], ["127.0.0.1"]]) == [("93.184.215.14", 12.0)]


def test_a_name_that_leads_inside_is_refused_with_the_address_and_the_remedy():
    with pytest.raises(Trouble) as caught:
        connect([["10.0.0.7"]])
    assert caught.value.code == "refused-address"
    assert "terms.example, which is 10.0.0.7," in caught.value.detail
    assert 'allow_addresses = ["10.0.0.7/32"]' in caught.value.detail


def test_only_the_public_addresses_of_a_name_are_tried():
    assert connect([["10.0.0.7", "93.184.215.14", "::1"]]) == [("93.184.215.14", 12.0)]


def test_a_dead_family_of_addresses_does_not_hide_the_other():
    six = [f"2606:2800:21f::{n}" for n in range(1, 6)]
    connected = connect([[*six, "93.184.215.14"]], dead=six)
    assert connected[-1] == ("93.184.215.14", 4.0)
    assert len(connected) == 3


def fetch(url, *, allow=(), proxy="", robots=False):
    async def run():
        async with Fetcher(
            per_host=1, delay=timedelta(0), allow_addresses=allow, proxy=proxy, limits=QUICK
        ) as fetcher:
            return await fetcher.fetch(
                Document(id="acme/terms", provider="acme", type="Terms", url=url, robots=robots)
            )

    return asyncio.run(run())


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "[::ffff:127.0.0.1]"]
)
def test_a_server_on_this_machine_is_not_contacted_unless_allowed(host):
    with FaultServer() as server:
        fetched = fetch(server.url("/terms", host=host), robots=True)
    assert isinstance(fetched, FetchFailure)
    assert fetched.reason.code == "refused-address"
    assert server.requests == []


def test_a_proxy_does_the_connecting_and_may_itself_be_inside():
    with FaultServer() as proxy:
        proxy.on("http://terms.example/a", answer(b"<p>Terms</p>"))
        fetched = fetch("http://terms.example/a", proxy=proxy.url(""))
    assert isinstance(fetched, Capture)
    assert fetched.body == b"<p>Terms</p>"


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.1", "0x7f000001", "10.0.0.1", "[::1]", "localhost", "db.localhost."]
)
def test_a_proxy_is_not_asked_for_an_address_inside(host):
    with FaultServer() as proxy:
        fetched = fetch(f"http://{host}/", proxy=proxy.url(""))
    assert fetched.reason.code == "refused-address"
    assert proxy.requests == []


def test_a_redirect_through_a_proxy_to_an_address_inside_is_refused():
    with FaultServer() as proxy:
        proxy.on("http://terms.example/a", faults.redirect("http://169.254.169.254/"))
        fetched = fetch("http://terms.example/a", proxy=proxy.url(""))
    assert fetched.reason.code == "refused-address"
    assert len(proxy.requests) == 1


def test_a_proxy_that_refuses_is_named():
    with FaultServer() as proxy:
        proxy.on("terms.example:443", answer(b"no", status=403))
        fetched = fetch("https://terms.example/a", proxy=proxy.url(""))
    assert fetched.reason.code == "proxy"


def test_a_proxy_that_does_not_answer_is_named_without_its_password():
    with faults.closed_port() as port:
        fetched = fetch("https://terms.example/a", proxy=f"http://me:secret@127.0.0.1:{port}")
    assert fetched.reason.code == "proxy"
    assert fetched.reason.detail.startswith("the proxy 127.0.0.1:")
    assert "terms.example" not in fetched.reason.detail
    assert "secret" not in fetched.reason.detail


@pytest.mark.parametrize("proxy", ["proxy.example:3128", "ftp://proxy.example", "http://[::g]"])
def test_a_proxy_that_cannot_be_used_is_a_usage_error(proxy):
    with pytest.raises(UsageError, match=r"write e\.g\. http://proxy\.example:3128"):
        Fetcher(per_host=1, delay=timedelta(0), allow_addresses=(), proxy=proxy)


def test_a_proxy_with_a_password_is_not_printed():
    with pytest.raises(UsageError) as caught:
        Fetcher(per_host=1, delay=timedelta(0), allow_addresses=(), proxy="ftp://user:secret@proxy.example")
    assert "secret" not in str(caught.value)


def test_a_ca_file_that_cannot_be_read_is_a_usage_error(tmp_path):
    with pytest.raises(UsageError, match=r"nothing\.pem"):
        Fetcher(per_host=1, delay=timedelta(0), allow_addresses=(), ca_file=tmp_path / "nothing.pem")


def test_a_contact_that_cannot_stand_in_a_header_is_a_usage_error():
    with pytest.raises(UsageError, match="contact"):
        Fetcher(per_host=1, delay=timedelta(0), allow_addresses=(), contact="me\r\nX-Evil: 1")
