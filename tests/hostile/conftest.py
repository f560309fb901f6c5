"""Fixtures of the hostile tests."""

from collections.abc import Iterator

import pytest

from harness.node import Network

from broker import Gateway, broker


@pytest.fixture
def gateway(network: Network) -> Iterator[Gateway]:
    """privd alone, with the test as its supervisor and as its vrrpd."""
    with broker(network) as made:
        yield made
