// The names of keepalived.conf(5) and of later versions that have no row in a keyword table.
#include "config/known_keywords_table.h"

namespace holdfast::config {

const std::vector<KnownSection>& knownSections() {
  static const std::vector<KnownSection> kSections = {
      {"", KnownKeyword::Kind::kPlain, Effect::kHarmless,
       "linkbeat_use_polling net_namespace_ipvs namespace_with_ipsets"},
      {"", KnownKeyword::Kind::kBlock, Effect::kChangesBehaviour,
       "track_group vrrp_sync_group vrrp_track_process virtual_server track_file "
       "vrrp_track_file bfd_instance"},
      {"", KnownKeyword::Kind::kList, Effect::kChangesBehaviour,
       "static_ipaddress static_routes static_rules interface_up_down_delays "
       "virtual_server_group"},
      {"", KnownKeyword::Kind::kBlock, Effect::kHarmless, "garp_group SSL"},
      {"", KnownKeyword::Kind::kList, Effect::kHarmless, "linkbeat_interfaces"},
      {"global_defs", KnownKeyword::Kind::kPlain, Effect::kHarmless,
       "process_names process_name vrrp_process_name checker_process_name lvs_process_name "
       "bfd_process_name use_symlink_paths set_supplementary_groups notification_email_from "
       "smtp_server smtp_helo_name smtp_connect_timeout smtp_alert max_auto_priority "
       "min_auto_priority_delay smtp_alert_vrrp smtp_alert_checker checker_log_all_failures "
       "no_email_faults lvs_timeouts lvs_flush lvs_flush_on_stop lvs_flush_onstop "
       "vrrp_garp_extra_if vrrp_vmac_garp_intvl vrrp_iptables vrrp_ipsets nftables "
       "nftables_priority nftables_ifindex vrrp_cpu_affinity vrrp_rlimit_rttime "
       "vrrp_rlimit_rtime nftables_ipvs nftables_ipvs_priority nftables_ipvs_start_fwmark "
       "nftables_counters vrrp_notify_priority_changes fifo_write_vrrp_states_on_reload "
       "checker_priority checker_no_swap checker_rt_priority checker_cpu_affinity "
       "checker_rlimit_rttime checker_rlimit_rtime bfd_priority bfd_no_swap bfd_rt_priority "
       "bfd_cpu_affinity bfd_rlimit_rttime bfd_rlimit_rtime snmp_socket enable_traps "
       "enable_snmp_vrrp enable_snmp_keepalived enable_snmp_rfc enable_snmp_rfcv2 "
       "enable_snmp_rfcv3 enable_snmp_checker snmp_vs_stats_update_interval "
       "snmp_rs_stats_update_interval enable_dbus dbus_service_name dbus_no_interface_name "
       "vrrp_netlink_cmd_rcv_bufs vrrp_netlink_cmd_rcv_bufs_force "
       "vrrp_netlink_monitor_rcv_bufs vrrp_netlink_monitor_rcv_bufs_force "
       "process_monitor_rcv_bufs process_monitor_rcv_bufs_force lvs_netlink_cmd_rcv_bufs "
       "lvs_netlink_cmd_rcv_bufs_force lvs_netlink_monitor_rcv_bufs "
       "lvs_netlink_monitor_rcv_bufs_force rs_init_notifies no_checker_emails "
       "vrrp_rx_bufs_policy vrrp_rx_bufs_multiplier vmac_prefix vmac_addr_prefix umask "
       "reload_check_config config_save_dir tmp_config_directory data_use_instance "
       "json_version iproute_usr_dir iproute_etc_dir state_dump_file stats_dump_file "
       "json_dump_file"},
      {"global_defs", KnownKeyword::Kind::kList, Effect::kHarmless, "notification_email"},
      {"global_defs", KnownKeyword::Kind::kPlain, Effect::kChangesBehaviour,
       "startup_script startup_script_timeout shutdown_script shutdown_script_timeout "
       "disable_local_igmp lvs_sync_daemon notify_fifo notify_fifo_script vrrp_notify_fifo "
       "vrrp_notify_fifo_script lvs_notify_fifo lvs_notify_fifo_script vrrp_delay_after_boot "
       "vrrp_owner_ignore_adverts reload_time_file reload_repeat reload_file"},
      {"track_group", KnownKeyword::Kind::kList, Effect::kChangesBehaviour, "group"},
      {"vrrp_sync_group", KnownKeyword::Kind::kList, Effect::kChangesBehaviour,
       "group track_interface track_script track_file track_process track_bfd"},
      {"vrrp_sync_group", KnownKeyword::Kind::kPlain, Effect::kChangesBehaviour,
       "notify_backup notify_master notify_fault notify_stop notify smtp_alert "
       "global_tracking sync_group_tracking_weight notify_priority_changes"},
      {"garp_group", KnownKeyword::Kind::kPlain, Effect::kChangesBehaviour,
       "garp_interval gna_interval interface"},
      {"garp_group", KnownKeyword::Kind::kList, Effect::kChangesBehaviour, "interfaces"},
      {"vrrp_instance", KnownKeyword::Kind::kPlain, Effect::kChangesBehaviour,
       "use_vmac use_vmac_addr vmac_xmit_base use_ipvlan vrf lvs_sync_daemon_interface "
       "timer_expired_backup thread_timer_expired owner_ignore_adverts"},
      {"vrrp_instance", KnownKeyword::Kind::kList, Effect::kChangesBehaviour,
       "track_file track_process track_bfd virtual_routes virtual_rules"},
      {"vrrp_instance", KnownKeyword::Kind::kPlain, Effect::kHarmless,
       "linkbeat_use_polling smtp_alert notify_priority_changes garp_extra_if "
       "vmac_garp_intvl"},
      {"vrrp_instance", KnownKeyword::Kind::kBlock, Effect::kChangesBehaviour,
       "authentication auth_hmac"},
      {"vrrp_instance/authentication", KnownKeyword::Kind::kPlain, Effect::kChangesBehaviour,
       "auth_type auth_pass"},
      {"vrrp_instance/auth_hmac", KnownKeyword::Kind::kPlain, Effect::kChangesBehaviour,
       "key active_key time_window anti_replay mode"},
      {"vrrp_track_process", KnownKeyword::Kind::kPlain, Effect::kChangesBehaviour,
       "process param_match weight quorum quorum_max delay terminate_delay fork_delay "
       "full_command"},
      {"SSL", KnownKeyword::Kind::kPlain, Effect::kChangesBehaviour, "password ca certificate key"},
      {"virtual_server", KnownKeyword::Kind::kPlain, Effect::kChangesBehaviour,
       "ip_family retry delay_before_retry warmup connect_timeout delay_loop "
       "inhibit_on_failure lb_algo lvs_sched hashed ops flag-1 flag-2 flag-3 sh-port sh- "
       "fallback mh-port mh-fallback lb_kind lvs_method persistence_engine "
       "persistence_timeout persistence_granularity protocol ha_suspend smtp_alert "
       "virtualhost snmp_name alpha omega quorum_up quorum_down quorum hysteresis weight "
       "sorry_server sorry_server_inhibit sorry_server_lvs_method"},
      {"virtual_server", KnownKeyword::Kind::kBlock, Effect::kChangesBehaviour, "real_server"},
      {"virtual_server/real_server", KnownKeyword::Kind::kPlain, Effect::kChangesBehaviour,
       "weight lvs_method uthreshold lthreshold inhibit_on_failure notify_up notify_down "
       "alpha retry delay_before_retry warmup connect_timeout delay_loop smtp_alert "
       "virtualhost snmp_name"},
      {"virtual_server/real_server", KnownKeyword::Kind::kBlock, Effect::kChangesBehaviour,
       "MISC_CHECK SMTP_CHECK TCP_CHECK PING_CHECK UDP_CHECK DNS_CHECK FILE_CHECK BFD_CHECK "
       "HTTP_GET SSL_GET"},
      {"track_file", KnownKeyword::Kind::kPlain, Effect::kChangesBehaviour,
       "file weight init_file"},
      {"vrrp_track_file", KnownKeyword::Kind::kPlain, Effect::kChangesBehaviour,
       "file weight init_file"},
      {"bfd_instance", KnownKeyword::Kind::kPlain, Effect::kChangesBehaviour,
       "source_ip neighbor_ip neighbour_ip min_rx min_tx idle_tx multiplier passive ttl "
       "hoplimit max_hops multihop weight vrrp checker"},
      {"virtual_server/real_server/MISC_CHECK", KnownKeyword::Kind::kPlain,
       Effect::kChangesBehaviour,
       "retry delay_before_retry warmup delay_loop alpha log_all_failures misc_path "
       "misc_timeout misc_dynamic user"},
      {"virtual_server/real_server/SMTP_CHECK", KnownKeyword::Kind::kPlain,
       Effect::kChangesBehaviour,
       "helo_name connect_ip connect_port bindto bind_port bind_if connect_timeout fwmark "
       "retry delay_before_retry warmup delay_loop alpha log_all_failures"},
      {"virtual_server/real_server/SMTP_CHECK", KnownKeyword::Kind::kBlock,
       Effect::kChangesBehaviour, "host"},
      {"virtual_server/real_server/SMTP_CHECK/host", KnownKeyword::Kind::kPlain,
       Effect::kChangesBehaviour,
       "connect_ip connect_port bindto bind_port bind_if connect_timeout fwmark retry "
       "delay_before_retry warmup delay_loop alpha log_all_failures"},
      {"virtual_server/real_server/TCP_CHECK", KnownKeyword::Kind::kPlain,
       Effect::kChangesBehaviour,
       "connect_ip connect_port bindto bind_port bind_if connect_timeout fwmark retry "
       "delay_before_retry warmup delay_loop alpha log_all_failures"},
      {"virtual_server/real_server/PING_CHECK", KnownKeyword::Kind::kPlain,
       Effect::kChangesBehaviour,
       "connect_ip connect_port bindto bind_port bind_if connect_timeout fwmark retry "
       "delay_before_retry warmup delay_loop alpha log_all_failures"},
      {"virtual_server/real_server/UDP_CHECK", KnownKeyword::Kind::kPlain,
       Effect::kChangesBehaviour,
       "connect_ip connect_port bindto bind_port bind_if connect_timeout fwmark retry "
       "delay_before_retry warmup delay_loop alpha log_all_failures payload require_reply "
       "min_reply_length max_reply_length"},
      {"virtual_server/real_server/DNS_CHECK", KnownKeyword::Kind::kPlain,
       Effect::kChangesBehaviour,
       "connect_ip connect_port bindto bind_port bind_if connect_timeout fwmark retry "
       "delay_before_retry warmup delay_loop alpha log_all_failures type name"},
      {"virtual_server/real_server/FILE_CHECK", KnownKeyword::Kind::kPlain,
       Effect::kChangesBehaviour, "track_file weight"},
      {"virtual_server/real_server/BFD_CHECK", KnownKeyword::Kind::kPlain,
       Effect::kChangesBehaviour, "name alpha"},
      {"virtual_server/real_server/HTTP_GET", KnownKeyword::Kind::kPlain, Effect::kChangesBehaviour,
       "connect_ip connect_port bindto bind_port bind_if connect_timeout fwmark retry "
       "delay_before_retry warmup delay_loop alpha log_all_failures nb_get_retry virtualhost "
       "http_protocol enable_sni sni_name fast_recovery tls_compliant"},
      {"virtual_server/real_server/HTTP_GET", KnownKeyword::Kind::kBlock, Effect::kChangesBehaviour,
       "url"},
      {"virtual_server/real_server/HTTP_GET/url", KnownKeyword::Kind::kPlain,
       Effect::kChangesBehaviour,
       "path digest status_code virtualhost regex regex_no_match regex_options "
       "regex_min_offset regex_max_offset regex_stack tls_compliant"},
      {"virtual_server/real_server/SSL_GET", KnownKeyword::Kind::kPlain, Effect::kChangesBehaviour,
       "connect_ip connect_port bindto bind_port bind_if connect_timeout fwmark retry "
       "delay_before_retry warmup delay_loop alpha log_all_failures nb_get_retry virtualhost "
       "http_protocol enable_sni sni_name fast_recovery tls_compliant"},
      {"virtual_server/real_server/SSL_GET", KnownKeyword::Kind::kBlock, Effect::kChangesBehaviour,
       "url"},
      {"virtual_server/real_server/SSL_GET/url", KnownKeyword::Kind::kPlain,
       Effect::kChangesBehaviour,
       "path digest status_code virtualhost regex regex_no_match regex_options "
       "regex_min_offset regex_max_offset regex_stack tls_compliant"},
  };
  return kSections;
}

}  // namespace holdfast::config
