"""Large configurations: the same text for both daemons, with nothing in it that only one of them has."""

from collections.abc import Callable

_HEAD = "global_defs {\n    dynamic_interfaces\n    vrrp_version 3\n}\n"


def one_instance(_: int = 1) -> str:
    """What most people have."""
    return (_HEAD + "vrrp_instance VI_1 {\n    state MASTER\n    interface eth0\n    virtual_router_id 51\n    priority 150\n"
            "    advert_int 1\n    virtual_ipaddress {\n        10.77.0.99/24\n        10.77.0.98/24\n    }\n}\n")


def virtual_servers(count: int) -> str:
    """Each with five real servers and their checkers."""
    parts = []
    for i in range(count):
        address = f"10.{i >> 8}.{i & 255}"
        parts.append(f"virtual_server {address}.1 80 {{\n    delay_loop 10\n    lb_algo rr\n    lb_kind NAT\n"
                     "    protocol TCP\n")
        parts += [f"    real_server {address}.{10 + j} 80 {{\n        weight 1\n        TCP_CHECK {{\n"
                  "            connect_timeout 3\n        }\n    }\n" for j in range(5)]
        parts.append("}\n")
    return "".join(parts)


def instances(count: int) -> str:
    """Written out, each with one address."""
    return _HEAD + "".join(
        f"vrrp_instance VI_{i} {{\n    interface eth{i // 250}\n    virtual_router_id {1 + i % 250}\n"
        f"    priority 100\n    advert_int 1\n    virtual_ipaddress {{\n        10.{i // 250}.{i % 250}.1/24\n    }}\n}}\n"
        for i in range(count))


def instances_by_sequence(count: int) -> str:
    """The same from two sequences and a definition. `count` is a multiple of 250."""
    return _HEAD + ("$VI= \\\nvrrp_instance VI_${IF}_${ID} { \\\n    interface eth${IF} \\\n    virtual_router_id ${ID} \\\n"
                    "    priority 100 \\\n    advert_int 1 \\\n    virtual_ipaddress { \\\n"
                    "        10.${IF}.${ID}.1/24 \\\n    } \\\n}\n"
                    f"~SEQ(IF,0,{count // 250 - 1}) ~SEQ(ID,1,250) $VI\n")


def addresses(count: int) -> str:
    """Of one instance."""
    lines = "".join(f"        10.{i >> 16}.{(i >> 8) & 255}.{i & 255}/32\n" for i in range(1, count + 1))
    return (_HEAD + "vrrp_instance VI_1 {\n    interface eth0\n    virtual_router_id 51\n    priority 100\n"
            "    virtual_ipaddress {\n        10.255.0.1/32\n    }\n    virtual_ipaddress_excluded {\n" + lines + "    }\n}\n")


def manual(interfaces: int) -> str:
    """The example of keepalived.conf(5), where `interfaces` is 8: 8,128 instances for each."""
    return _HEAD + f"""$VI4= \\
track_file offset_instance_4.${{IF}}.${{NUM}}.${{ID}} {{ \\
    file "${{_PWD}}/679/track_files/4.${{IF}}.${{NUM}}.${{ID}}" \\
    weight -100 \\
}} \\
vrrp_instance vrrp4.${{IF}}.${{NUM}}.${{ID}} {{ \\
    interface bond${{IF}}.${{NUM}} \\
    use_vmac vrrp4.${{IF}}.${{NUM}}.${{ID}} \\
    virtual_router_id ${{ID}} \\
    priority 130 \\
    virtual_ipaddress {{ \\
        10.${{IF}}.${{NUM}}.${{ID}}/24 \\
    }} \\
    track_file {{ \\
        offset_instance_4.${{IF}}.${{NUM}}.${{ID}} \\
    }} \\
}}
~SEQ(IF,0,{interfaces - 1}) ~SEQ(NUM,0,31) ~SEQ(ID,1,254) $VI4
"""


SHAPES: dict[str, Callable[[int], str]] = {
    "one_instance": one_instance,
    "virtual_servers": virtual_servers,
    "instances": instances,
    "instances_by_sequence": instances_by_sequence,
    "addresses": addresses,
    "manual": manual,
}
