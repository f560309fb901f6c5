"""Words to try behind keywords: right ones, and such that are nearly right. Which are which says keepalived.

`%n` stands for a number that is another one in each object, so that objects do not get in each other's way.
"""

LONG = "abcdefghijklmnopqrstuvwxyzabcdefghijkl"
TRUE = "/usr/bin/true"

COMMANDS = (TRUE, f'"{TRUE} a b"', f"{TRUE} root", f'"{TRUE} a" root root', f'"{TRUE} a" nobody_knows',
            f'"{TRUE} a" root nobody_knows', f'"{TRUE} a" root root more', "nowhere-to-be-found", "/nowhere/at-all",
            "/etc/passwd", f"{TRUE} b c")
ADDRESSES = ("10.0.0.5", "10.0.0.5/24", "10.0.0", "10.0.0.300", "2001:db8::5", "fe80::5", "::", "nobody", "10.0.0.5 10.0.0.6",
             "0.0.0.0", "224.0.0.18", "ff02::12", "239.255.255.255")
INTERFACES = ("eth1", "nowhere0", "abcdefghijklmnop", "eth0 eth1")
TIMES = ("0", "1", "0.5", "0.000001", "0.0000001", "1.1234567", "255", "1000", "4294", "4295", "4294.967295", "-1", "1e3", ".5", "5.")
NUMBERS = ("0", "1", "2", "255", "256", "65535", "65536", "2147483647", "2147483648", "4294967295", "4294967296",
           "99999999999", "-1", "1.5", "0x10", "010", "+5", "12abc", "many", '""')
SWITCHES = ("on", "off", "true", "false", "yes", "no", "ON", "maybe", "1", "on off")
WEIGHTS = ("0", "5", "-5", "253", "254", "255", "-253", "-254", "-255", "5 reverse", "5 noreverse", "0 reverse", "5 sideways", "many")

KEYWORDS: dict[str, tuple[str, ...]] = {
    "state": ("MASTER", "BACKUP", "FAULT", "master"),
    "version": ("2", "3", "1", "4"),
    "vrrp_version": ("2", "3", "1", "4"),
    "interface": INTERFACES,
    "bind_if": INTERFACES,
    "default_interface": INTERFACES,
    "lvs_sync_daemon_interface": INTERFACES,
    "advert_int": (*TIMES, "0.01", "0.009", "1.05", "40.95", "40.96", "254", "256"),
    "auth_type": ("PASS", "AH", "pass", "NONE"),
    "auth_pass": ("k4tze", "12345678", "123456789", '"two words"', "two words"),
    "mcast_src_ip": ADDRESSES, "unicast_src_ip": ADDRESSES, "mcast_dst_ip": ADDRESSES, "source_ip": ADDRESSES,
    "neighbor_ip": ADDRESSES, "neighbour_ip": ADDRESSES, "connect_ip": ADDRESSES, "bindto": ADDRESSES,
    "vrrp_mcast_group4": ADDRESSES, "vrrp_mcast_group6": ADDRESSES,
    "smtp_server": ("127.0.0.1", "127.0.0.1 25", "127.0.0.1 65535", "127.0.0.1 65536", "127.0.0.1 mail", "::1 25"),
    "lvs_sync_daemon": ("eth0", "eth0 inst VI", "eth0 VI 5", "eth0 id 255", "eth0 id 256", "eth0 maxlen 0", "eth0 maxlen 65507",
                        "eth0 maxlen 65508", "eth0 port 65536", "eth0 ttl 0", "eth0 group 224.0.0.81", "eth0 group 10.0.0.1",
                        "eth0 id", "eth0 colour 5"),
    "lvs_timeouts": ("tcp 7200 tcpfin 120 udp 300", "tcp 0", "tcp 2678400", "tcp 2678401", "tcp -1", "icmp 5", "tcp", "tcp 1 tcp 2"),
    "lvs_flush_on_stop": ("VS", "vs", "all"),
    "dynamic_interfaces": ("allow_if_changes", "never"),
    "max_auto_priority": ("-1", "-2", "0", "99", "100"),
    "vrrp_rx_bufs_policy": ("MTU", "mtu", "ADVERT", "advert", "4096", "0", "-100", "ALL"),
    "umask": ("022", "0777", "01000", "0x3f", "0888", "IRUSR", "IRUSR|IWUSR", "IRWXO", "IFOO"),
    "include_check": ("read", "read match", "+match", "-match", "wildcard_match", "brace_match", "readable", "sometimes"),
    "vrrp_garp_extra_if": ("10", "all", "all 10", "all 0", "0", "86400", "86401", "-1", "some 10", "all many"),
    "garp_extra_if": ("10", "all", "all 10", "all 0", "0", "86400", "86401", "-1", "some 10"),
    "use_vmac": ("vm.%n", "name vm.%n", "abcdefghijklmnop", "00:00:5e:00:01:33", "00:00:5e:00:01", "vm.%n 02:01:02:03:04:05",
                 "netlink_notify_msg", "vm.%n group 5", "vm.%n group", "vm.%n more", "01:00:5e:00:01:33"),
    "use_ipvlan": ("iv.%n", "name iv.%n", "iv.%n 10.0.0.9", "bridge", "private", "vepa", "iv.%n 10.0.0.9/24 private", "iv.%n sideways"),
    "old_unicast_checksum": ("never", "always"),
    "weight": WEIGHTS,
    "script": (*COMMANDS, f"\"{TRUE} 'a b' c\"", "true", '"true a"'),
    "misc_path": (*COMMANDS, "true"),
    "user": ("root", "root root", "nobody_knows", "root nobody_knows", "root root more"),
    "script_user": ("root", "root root", "nobody_knows", "root nobody_knows", "root root more"),
    "file": ("/run/f", "/nowhere/at-all", "run/f", "/tmp"),
    "init_file": ("5", "5 overwrite", "overwrite", "overwrite 5", "many", "-5", "5 more"),
    "process": ("sshd", "haproxy -Ws", '"two words" c', LONG),
    "param_match": ("initial", "partial", "exact", "initial partial"),
    "max_hops": ("-2", "-1", "0", "255", "256"),
    "protocol": ("TCP", "UDP", "SCTP", "tcp", "ICMP"),
    "ip_family": ("inet", "inet6", "ipx"),
    "lvs_sched": ("rr", "wrr", "lc", "wlc", "lblc", "sh", "mh", "dh", "fo", "ovf", "lblcr", "sed", "nq", "twos", "fastest", "RR"),
    "lvs_method": ("NAT", "DR", "TUN", "nat", "FNAT", "TUN type ipip", "TUN type gue port 6080", "TUN type gue", "TUN type gre csum",
                   "TUN type gue port 6080 remcsum", "TUN type gue port 0", "TUN type gue port 65536", "TUN type ipip csum",
                   "TUN type", "TUN type rope", "NAT type ipip", "DR more"),
    "persistence_engine": ("sip", "sap", LONG),
    "persistence_timeout": ("0", "1", "2678400", "2678401", "many"),
    "persistence_granularity": ("255.255.255.0", "255.0.255.0", "24", "64", "128", "129", "wide"),
    "sorry_server": ("10.0.0.9", "10.0.0.9 80", "10.0.0.9 65536", "2001:db8::9 80", "nobody 80", "10.0.0.9 mail"),
    "http_protocol": ("1.0", "1.1", "1.0C", "1.0c", "2", "1.1c"),
    "digest": ("ec90a42b99ea9a2f5ecbe213ac9eba03", "EC90A42B99EA9A2F5ECBE213AC9EBA03", "ec90", "zz90a42b99ea9a2f5ecbe213ac9eba03"),
    "status_code": ("200", "200-299", "200-299 301 404", "99", "100", "599", "600", "299-200", "200-", "200,201", "ok"),
    "regex": ('"a b"', '"("', "word"),
    "regex_options": ("caseless", "caseless multiline", "CASELESS", "caseless carefree"),
    "regex_stack": ("1 2", "2 1", "1", "0 0", "many more"),
    "payload": ("0a0b", "abc", "ABCD", "0x01", "xyz", '"01 02"'),
    "require_reply": ("01", "01xx", "01XX", "zz"),
    "type": ("A", "NS", "CNAME", "SOA", "MX", "TXT", "AAAA", "RRSIG", "DNSKEY", "a", "MAILBOX"),
    "track_file": ("F", "nobody", "F more"),
    "name": ("example.org", ".", "a..b"),
    "notify_fifo": ("/run/f.%n", "run/f.%n", "/run/f.%n root", "/run/f.%n nobody_knows", "/run/f.%n root root"),
    "reload_check_config": ("/var/log/check", "check"),
    "nftables": ("keepalived", LONG, "two words"),
    "vmac_prefix": ("vm", "abcdefghijkl", "abcdefghijklmno", "abcdefghijklmnop"),
    "smtp_connect_timeout": NUMBERS, "snmp_socket": ("unix:/var/agentx/master", "udp:x:1"),
    "vrf": ("nowhere0", "lo"),
    "kernel_rx_buf_size": NUMBERS,
    "interface_up_down_delays": ("eth0 1",),
}
KEYWORDS |= {"lb_algo": KEYWORDS["lvs_sched"], "lb_kind": KEYWORDS["lvs_method"],
             "sorry_server_lvs_method": ("NAT", "DR", "TUN", "FNAT"), "lvs_flush_onstop": KEYWORDS["lvs_flush_on_stop"],
             "vrrp_vmac_garp_intvl": KEYWORDS["vrrp_garp_extra_if"], "vmac_garp_intvl": KEYWORDS["garp_extra_if"],
             "vrrp_notify_fifo": KEYWORDS["notify_fifo"], "lvs_notify_fifo": KEYWORDS["notify_fifo"],
             "vmac_addr_prefix": KEYWORDS["vmac_prefix"]}

_ADDRESS = "10.0.%n.9"
_ROUTE = "10.%n.0.0/16 via 10.0.0.254 dev eth0"
_ROUTE6 = "2001:db8:%n::/48 via 2001:db8::1 dev eth0"
_RULE = "from 10.%n.0.0/16 table 100 preference 1%n"


def _track(name: str) -> tuple[str, ...]:
    weights = tuple(f"{name} weight {weight}" for weight in (*WEIGHTS, "1.5", ""))
    return (name, f"{name} weight 5 weight 6", f"{name} 5", f"{name} reverse", f"{name} sideways", *weights)


_BOUNDARIES = ("0", "1", "255", "256", "4294967295", "4294967296", "-1", "many")

ADDRESS_LINES = (
    _ADDRESS, f"{_ADDRESS}/24", f"{_ADDRESS}/32", f"{_ADDRESS}/33", f"{_ADDRESS}/0", f"{_ADDRESS}/-1", f"{_ADDRESS}/wide", f"{_ADDRESS}/",
    "10.0.0.300", "nobody", "10.0.0", "2001:db8:%n::1", "2001:db8:%n::1/64", "2001:db8:%n::1/129", f"{_ADDRESS} dev eth1",
    f"{_ADDRESS} dev nowhere0", f"{_ADDRESS} dev", f"{_ADDRESS} dev eth0 dev eth1",
    *(f"{_ADDRESS} scope {scope}" for scope in ("global", "link", "host", "site", "nowhere", "200", "255", "256", "-1", "village", "")),
    *(f"{_ADDRESS}/24 brd {broadcast}" for broadcast in ("10.0.0.255", "+", "-", "nobody", "2001:db8::ff", "")),
    f"{_ADDRESS}/31 brd +", "2001:db8:%n::1/64 brd +", "2001:db8:%n::1/64 brd 10.0.0.255",
    f"{_ADDRESS} label eth0:%n", f"{_ADDRESS} label other:%n", f"{_ADDRESS} label {LONG}", f"{_ADDRESS} label", "2001:db8:%n::1 label eth0:%n",
    f"{_ADDRESS} peer 10.9.0.1", f"{_ADDRESS} peer 10.9.0.1/24", f"{_ADDRESS}/24 peer 10.9.0.1", f"{_ADDRESS} peer 2001:db8::2",
    f"{_ADDRESS} peer nobody", "2001:db8:%n::1 peer 2001:db8::2", f"{_ADDRESS} home", "2001:db8:%n::1 home", "2001:db8:%n::1 -nodad",
    f"{_ADDRESS} -nodad", "2001:db8:%n::1 mngtmpaddr", f"{_ADDRESS} noprefixroute", f"{_ADDRESS} autojoin", f"{_ADDRESS} no_track",
    *(f"{_ADDRESS} preferred_lft {time}" for time in (*_BOUNDARIES, "forever", "")),
    f"{_ADDRESS} track_group nobody", f"{_ADDRESS} use_vmac", f"{_ADDRESS} colour", f"{_ADDRESS} {_ADDRESS}", f"dev eth0 {_ADDRESS}",
    "224.0.0.18", "0.0.0.0", "::", "255.255.255.255", "127.0.0.1", "ff02::1")

_ROUTE_NUMBERS = ("table", "protocol", "scope", "tos", "metric", "priority", "preference", "mtu", "hoplimit", "advmss", "rtt", "rttvar",
                  "reordering", "window", "cwnd", "ssthresh", "rto_min", "initcwnd", "initrwnd", "quickack", "fastopen_no_cookie")
ROUTE_LINES = (
    _ROUTE, _ROUTE6, "default via 10.0.0.254 dev eth0", "default dev eth0", "10.%n.0.0/16", "10.%n.0.1/16 dev eth0", "10.%n.0.0/33 dev eth0",
    "10.%n dev eth0", "nobody dev eth0", "to 10.%n.0.0/16 dev eth0", "inet to 10.%n.0.0/16 dev eth0", "inet6 to 10.%n.0.0/16 dev eth0",
    "src 10.0.0.5 to 10.%n.0.0/16 dev eth0", "src nobody to 10.%n.0.0/16 dev eth0", "10.%n.0.0/16 via nobody dev eth0",
    "10.%n.0.0/16 via 2001:db8::1 dev eth0", "10.%n.0.0/16 via inet 10.0.0.254 dev eth0", "10.%n.0.0/16 via inet6 2001:db8::1 dev eth0",
    "10.%n.0.0/16 gw 10.0.0.254 dev eth0", "10.%n.0.0/16 via 10.0.0.254 or 10.0.0.253 dev eth0", "10.%n.0.0/16 dev nowhere0",
    "10.%n.0.0/16 oif eth0", "10.%n.0.0/16 dev eth0 dev eth1", f"{_ROUTE} onlink", f"{_ROUTE} add", f"{_ROUTE} append", f"{_ROUTE} prepend",
    f"{_ROUTE} no_track", f"{_ROUTE} track_group nobody", f"{_ROUTE} colour", f"{_ROUTE} colour 5", f"{_ROUTE} as 10.9.0.1",
    f"{_ROUTE} as to 10.9.0.1", f"{_ROUTE} from 10.2.0.0/16", f"{_ROUTE6} from 2001:db8:2::/48",
    *(f"{_ROUTE} {name} {value}" for name in _ROUTE_NUMBERS for value in _BOUNDARIES),
    *(f"{_ROUTE} {name} lock 5" for name in ("mtu", "hoplimit", "advmss", "rtt", "reordering", "window", "cwnd", "ssthresh", "rto_min")),
    *(f"{_ROUTE} {name} {time}" for name in ("rtt", "rttvar", "rto_min") for time in ("5s", "5ms", "0.5s", "5h", "960s", "961s", "121s")),
    f"{_ROUTE} realms 1/2", f"{_ROUTE} realms 1", f"{_ROUTE} realms 70000/1", f"{_ROUTE} realms nobody", f"{_ROUTE} features ecn",
    f"{_ROUTE} features best", f"{_ROUTE} congctl cubic", f"{_ROUTE} congctl lock cubic", f"{_ROUTE} pref low", f"{_ROUTE6} pref low",
    f"{_ROUTE6} pref high", f"{_ROUTE6} pref best", f"{_ROUTE} ttl-propagate enabled", f"{_ROUTE} ttl-propagate perhaps",
    f"{_ROUTE6} expires 10", f"{_ROUTE} expires 10", f"{_ROUTE6} expires many", f"{_ROUTE} table main", f"{_ROUTE} table nobody",
    f"{_ROUTE} dsfield EF", f"{_ROUTE} dsfield AF41", f"{_ROUTE} protocol static", f"{_ROUTE} protocol static no_track",
    f"{_ROUTE} protocol nobody", f"{_ROUTE} scope link", f"{_ROUTE} scope village", f"{_ROUTE} vrf nowhere0",
    *(f"{kind} 10.%n.0.0/16 no_track" for kind in ("blackhole", "unreachable", "prohibit", "throw", "unicast", "local", "nat", "xresolve")),
    "blackhole 10.%n.0.0/16", "blackhole 10.%n.0.0/16 dev eth0", "blackhole",
    *(f"no_track 10.%n.0.0/16 nexthop {hop}" for hop in (
        "via 10.0.0.254 dev eth0 weight 1 nexthop via 10.0.0.253 dev eth0 weight 2", "via 10.0.0.254 weight 0", "via 10.0.0.254 weight 256",
        "via 10.0.0.254 weight 257", "via 10.0.0.254 weight many", "via 10.0.0.254 onlink", "dev eth0 realms 1/2", "colour", "via 2001:db8::1",
        "dev nowhere0", "as 10.9.0.1 via 10.0.0.254", "via 10.0.0.254 encap mpls 100")),
    *(f"{_ROUTE} encap {what}" for what in (
        "ip id 5 dst 10.8.0.1 src 10.8.0.2 tos 4 ttl 64", "ip dst 10.8.0.1", "ip id 0x5", "ip", "ip dst nobody", "ip dst 2001:db8::1",
        "ip ttl 256 dst 10.8.0.1", "ip tos 256 dst 10.8.0.1", "ip colour 1", "ip6 id 5 dst 2001:db8::8",
        "ip6 dst 2001:db8::8 src 2001:db8::9 tc 4 hoplimit 5", "ip6 tc 256", "ip6 hoplimit 256", "mpls 100", "mpls 100/200", "mpls 1048575",
        "mpls 1048576", "mpls nobody", "mpls 100 ttl 5", "mpls", "ila 1:2:3:4", "ila nobody", "balloon")),
    f"{_ROUTE} mtu 1400 mtu 1500")

RULE_LINES = (
    _RULE, "to 10.%n.0.0/16 table 100 preference 1%n", "from all table 100 preference 1%n", "from 10.%n.0.0/16 table 100",
    "from 10.%n.0.0/16 preference 1%n", "from 10.%n.0.0/33 table 100 preference 1%n", "from nobody table 100 preference 1%n",
    "table 100 preference 1%n", "preference 1%n", "from 10.%n.0.0/16 to 2001:db8::/32 table 100 preference 1%n",
    "from 2001:db8:%n::/48 table 100 preference 1%n", "inet from all table 100 preference 1%n", "not from 10.%n.0.0/16 table 100 preference 1%n",
    "from 10.%n.0.0/16 not table 100 preference 1%n", "from 10.%n.0.0/16 lookup 100 order 1%n", "from 10.%n.0.0/16 table main priority 1%n",
    "from 10.%n.0.0/16 table nobody preference 1%n", f"{_RULE} priority 6",
    *(f"from 10.%n.0.0/16 table {value} preference 1%n" for value in _BOUNDARIES),
    *(f"from 10.%n.0.0/16 table 100 preference {value}" for value in _BOUNDARIES),
    *(f"{_RULE} {more}" for more in (
        "tos 4", "tos 0x10", "tos 256", "dsfield EF", "fwmark 5", "fwmark 0x5/0xff", "fwmark 5/255", "fwmark many", "fwmark 5/many",
        "fwmark 4294967296", "realms 1/2", "realms 1", "realms nobody", "suppress_prefixlength 0", "suppress_prefixlength 32",
        "suppress_prefixlength 33", "suppress_prefixlength -1", "sup_pl 5", "suppress_ifgroup 5", "suppress_ifgroup default",
        "suppress_ifgroup nobody", "sup_group 5", "dev eth0", "iif eth0", "iif nowhere0", "oif eth0", "oif nowhere0", "tun_id 5",
        "uidrange 0-100", "uidrange 100-0", "uidrange 5", "uidrange many", "uidrange 0-4294967296", "l3mdev", "protocol static",
        "protocol 255", "protocol 256", "protocol nobody", "ipproto tcp", "ipproto 6", "ipproto 256", "ipproto nobody", "ip_proto tcp",
        "sport 80", "sport 80-90", "sport 90-80", "sport 65536", "dport 80-90", "dport 80-65536", "goto 20000", "nop", "no_track",
        "track_group nobody", "colour", "colour 5")),
    "from 10.%n.0.0/16 goto 20000 preference 1%n", "from 10.%n.0.0/16 goto 1 preference 1%n", "from 10.%n.0.0/16 goto 20000",
    "from 10.%n.0.0/16 nop preference 1%n", "from 10.%n.0.0/16 type blackhole preference 1%n", "from 10.%n.0.0/16 type white preference 1%n",
    "from 10.%n.0.0/16 blackhole preference 1%n", "prohibit from 10.%n.0.0/16 preference 1%n", "l3mdev preference 1%n",
    "iif eth0 table 100 preference 1%n", "from 10.%n.0.0/16 from 10.2.0.0/16 table 100 preference 1%n")

LISTS: dict[str, tuple[str, ...]] = {
    "virtual_ipaddress": ADDRESS_LINES, "virtual_ipaddress_excluded": ADDRESS_LINES, "static_ipaddress": ADDRESS_LINES,
    "virtual_routes": ROUTE_LINES, "static_routes": ROUTE_LINES, "virtual_rules": RULE_LINES, "static_rules": RULE_LINES,
    "track_interface": (*_track("eth1"), "eth0", "nowhere0", "abcdefghijklmnop"), "track_script": (*_track("S"), "nobody"),
    "track_process": (*_track("P"), "nobody"), "track_bfd": (*_track("B"), "nobody"), "track_file": _track("F"),
    "unicast_peer": ("10.0.0.6", "2001:db8::6", "fe80::6", "nobody", "10.0.0.300", "10.0.0.6/24", "10.0.0.6 min_ttl 0", "10.0.0.6 min_ttl 255",
                     "10.0.0.6 min_ttl 256", "10.0.0.6 max_ttl 256", "10.0.0.6 max_ttl many", "10.0.0.6 min_ttl 5 max_ttl 4",
                     "10.0.0.6 colour", "10.0.0.6 10.0.0.7", "224.0.0.18", "0.0.0.0", "127.0.0.1"),
    "notification_email": ("a@b.example", "a@b.example c@d.example", '"A B <a@b.example>"'),
    "interfaces": ("eth0", "nowhere0", "eth0 eth1"),
    "interface_up_down_delays": ("eth0 1 2", "eth0 1", "eth0 255 255", "eth0 256 1", "eth0 -1 1", "eth0 0 0", "nowhere0 1 2",
                                 "eth0 many", "eth0 0.5 0.5", "eth0 1 2 3"),
    "linkbeat_interfaces": ("eth0", "eth0 MII", "eth0 ETHTOOL", "eth0 IOCTL", "eth0 mii", "nowhere0"),
    "virtual_server_group": ("10.0.%n.20 80", "10.0.%n.20", "10.0.%n.20 65536", "10.0.%n.20 mail", "10.0.%n.20-25 80", "10.0.%n.20-10 80",
                             "10.0.%n.20-256 80", "10.0.%n.16/28 80", "10.0.%n.20/33 80", "2001:db8:%n::20 80", "2001:db8:%n::20-2f 80", "nobody 80",
                             "fwmark 5%n", "fwmark 0", "fwmark 4294967296", "fwmark many", "fwmark 5%n inet", "fwmark 5%n inet6",
                             "fwmark 5%n ipx", "10.0.%n.20 80 more"),
    "group": ("VI", "VI VI2", "nobody"),
}

_NAMES = ("word", '"two words"', "two words", LONG)
_PATHS = ("/run/x.%n", "run/x", "/nowhere/at-all", "/tmp more")
_CPUS = ("0", "0 1", "64", "0 0", "many", "-1")
KEYWORDS |= {
    **dict.fromkeys(("process_name", "vrrp_process_name", "checker_process_name", "lvs_process_name", "bfd_process_name", "router_id",
                     "notification_email_from", "smtp_helo_name", "dbus_service_name", "virtualhost", "snmp_name", "helo_name",
                     "password", "net_namespace", "net_namespace_ipvs", "instance"), _NAMES),
    **dict.fromkeys(("reload_time_file", "reload_file", "config_save_dir", "tmp_config_directory", "ca", "certificate", "key", "path"), _PATHS),
    **dict.fromkeys(("vrrp_cpu_affinity", "checker_cpu_affinity", "bfd_cpu_affinity"), _CPUS),
    **dict.fromkeys(("nftables_priority", "nftables_ipvs_priority", "random_seed"), (*NUMBERS, "-2147483648", "-2147483649")),
    **dict.fromkeys(("vrrp_priority", "checker_priority", "bfd_priority"), ("-20", "-21", "19", "20", "many")),
    "vrrp_min_garp": SWITCHES, "inhibit_on_failure": SWITCHES, "skip_check_adv_addr": SWITCHES,
    "vrrp_iptables": ("INPUT", "INPUT OUTPUT", "INPUT OUTPUT MORE"), "nftables_ipvs": _NAMES, "vrrp_ipsets": ("a b", "a b c d e f"),
    "notify_deleted": COMMANDS,
}

BLOCKS: dict[str, tuple[str, ...]] = {
    "track_group": ("%k {\ngroup { VI }\n}", "%k T%n more {\ngroup { VI }\n}", "%k T%n {\n}", "%k T%n {\ngroup { nobody }\n}"),
    "vrrp_sync_group": ("%k {\ngroup { VI }\n}", "%k X%n {\n}", "%k X%n {\ngroup { VI }\n}", "%k X%n {\ngroup {\nVI\nnobody\n}\n}"),
    "garp_group": ("%k {\n}", "%k {\ninterface bond0\n}", "%k {\ngarp_interval 1\n}", "%k G%n {\ngarp_interval 1\ninterface bond0\n}"),
    "vrrp_instance": ("%k {\ninterface eth2\n}", "%k G%n more {\ninterface eth2\nvirtual_router_id %n\nvirtual_ipaddress { 10.1.%n.1 }\n}",
                      "%k G%n {\n}", "%k G%n {\ninterface eth2\n}", "%k G%n {\nvirtual_router_id %n\n}",
                      "%k G%n\n{\ninterface eth2\nvirtual_router_id %n\nvirtual_ipaddress { 10.1.%n.1 }\n}"),
    "vrrp_script": ("%k {\nscript /usr/bin/true\n}", "%k S%n {\n}", "%k S%n more {\nscript /usr/bin/true\n}"),
    "vrrp_track_process": ("%k {\nprocess p\n}", "%k P%n {\n}", "%k P%n more {\nprocess p\n}"),
    "track_file": ("%k {\nfile /run/f\n}", "%k F%n {\n}", "%k F%n more {\nfile /run/f\n}"),
    "bfd_instance": ("%k B%n {\n}", "%k B%n more {\nneighbor_ip 10.4.%n.1\n}", f"%k {LONG} {{\nneighbor_ip 10.4.%n.1\n}}"),
    "SSL": ("%k {\n}", "%k more {\n}"),
    "virtual_server": tuple(f"%k {head} {{\nprotocol TCP\nlvs_sched rr\nlvs_method NAT\nreal_server 10.3.%n.1 80 {{\n}}\n}}" for head in (
        "10.2.%n.1 80", "10.2.%n.1", "10.2.%n.1 0", "10.2.%n.1 65536", "10.2.%n.1 mail", "nobody 80", "2001:db8:%n::1 80", "fwmark %n",
        "fwmark 0", "fwmark many", "fwmark 4294967296", "group nobody", "10.2.%n.1 80 more", "10.2.%n.1/24 80", "")) + (
        "%k 10.2.%n.1 80 {\n}",),
    "real_server": tuple(f"%k {head} {{\n}}" for head in (
        "10.3.%n.2 80", "10.3.%n.2", "10.3.%n.2 0", "10.3.%n.2 65536", "10.3.%n.2 mail", "nobody 80", "2001:db8:%n::2 80", "10.3.%n.2 80 more",
        "10.3.%n.1 80")),
    "authentication": ("%k {\nauth_type PASS\nauth_pass x\n}", "%k {\nauth_type PASS\n}", "%k {\nauth_pass x\n}", "%k {\n}",
                       "%k {\nauth_type AH\nauth_pass x\n}", "%k more {\nauth_type PASS\nauth_pass x\n}"),
    "MISC_CHECK": ("%k {\n}", "%k {\nmisc_path /usr/bin/true\n}"),
    "FILE_CHECK": ("%k {\n}", "%k {\ntrack_file F\n}", "%k {\ntrack_file nobody\n}"),
    "BFD_CHECK": ("%k {\n}", "%k {\nname B\n}", "%k {\nname nobody\n}"),
    "host": ("%k {\n}", "%k {\nconnect_ip 10.3.%n.9\n}"),
    "url": ("%k {\n}", "%k {\npath /\n}", "%k {\npath /\nstatus_code 200\n}", "%k {\npath /\nstatus_code 200\ncolour blue\n}"),
    **dict.fromkeys(("TCP_CHECK", "PING_CHECK", "UDP_CHECK", "SMTP_CHECK", "DNS_CHECK"),
                    ("%k {\n}", "%k more {\n}", "%k {\ncolour blue\n}", "%k {\ncolour {\nblue 1\n}\n}")),
    **dict.fromkeys(("HTTP_GET", "SSL_GET"), ("%k {\n}", "%k {\nurl {\npath /\n}\n}", "%k {\nurl {\npath /\nstatus_code 200\n}\n}")),
}
"""Blocks as a whole; `%k` is the keyword."""
BLOCKS["vrrp_track_file"] = BLOCKS["track_file"]
