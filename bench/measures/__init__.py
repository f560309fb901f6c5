"""What is measured: each module has the `METRICS` that it yields and a `measure` that yields one run's
values of them."""

from . import addresses, advertising, config_check, handover, many, memory, scripts, startup, takeover

ALL = {"takeover": takeover, "handover": handover, "scripts": scripts, "memory": memory, "startup": startup,
       "advertising": advertising, "many": many, "addresses": addresses, "config_check": config_check}
