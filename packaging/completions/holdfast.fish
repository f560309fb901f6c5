# fish completion for holdfast(8)
set -l programs config migrate posture
set -l subcommands explain plan format keywords
set -l daemon "not __fish_seen_subcommand_from $programs"

complete -c holdfast -n __fish_use_subcommand -a config -d 'explain, compare and format a configuration'
complete -c holdfast -n __fish_use_subcommand -a migrate -d 'say what becomes of this machine\'s keepalived'
complete -c holdfast -n __fish_use_subcommand -a posture -d 'compare what runs with what was promised'

complete -c holdfast -n $daemon -s f -l use-file -r -d 'the configuration file'
complete -c holdfast -n $daemon -s t -l config-test -d 'check the configuration and exit'
complete -c holdfast -n $daemon -l format -x -a 'text json' -d 'with -t'
complete -c holdfast -n $daemon -l strict -d 'with -t: every warning is fatal'
complete -c holdfast -n $daemon -s i -l config-id -x -d 'for lines that begin with @ID'
complete -c holdfast -n $daemon -s e -l all-config -d 'every include has to find its file'
complete -c holdfast -n $daemon -s d -l dump-conf -d 'log the effective configuration at start'
complete -c holdfast -n $daemon -s n -l dont-fork -d 'stay in the foreground'
complete -c holdfast -n $daemon -s l -l log-console -d 'with -n: log to the terminal too'
complete -c holdfast -n $daemon -s D -l log-detail -d 'log in detail; twice for more'
complete -c holdfast -n $daemon -s S -l log-facility -x -a '(seq 0 7) user daemon' -d 'syslog facility'
complete -c holdfast -n $daemon -s G -l no-syslog -d 'do not log to syslog'
complete -c holdfast -n $daemon -s R -l dont-respawn -d 'exit when a worker dies'
complete -c holdfast -n $daemon -s s -l namespace -x -d 'run in this network namespace'
complete -c holdfast -n $daemon -s p -l pid -r -d 'pid file of the supervisor'
complete -c holdfast -n $daemon -s r -l vrrp_pid -r -d 'pid file of vrrpd'
complete -c holdfast -n $daemon -s c -l checkers_pid -r -d 'pid file of the checkers'
complete -c holdfast -n $daemon -s b -l bfd_pid -r -d 'pid file of BFD'
complete -c holdfast -n $daemon -s P -l vrrp -d 'VRRP only'
complete -c holdfast -n $daemon -s C -l check -d 'checkers only'
complete -c holdfast -n $daemon -s B -l no_bfd -d 'no BFD'
complete -c holdfast -n $daemon -l all -d 'every subsystem, configured or not'
complete -c holdfast -n $daemon -l signum -x -a 'STOP RELOAD DATA STATS STATS_CLEAR JSON' -d 'the number of a signal'
complete -c holdfast -n $daemon -s T -l genhash -d 'go on as genhash'
complete -c holdfast -n $daemon -s v -l version -d 'print the version'
complete -c holdfast -n $daemon -s h -l help -d 'print the options'

set -l config "__fish_seen_subcommand_from config"
complete -c holdfast -n "$config; and not __fish_seen_subcommand_from $subcommands" -f -a "$subcommands"
complete -c holdfast -n $config -l json -d 'one JSON object a line'
complete -c holdfast -n $config -l check -d 'format: only say whether the file would change'
complete -c holdfast -n "$daemon; or $config" -l assume-interfaces -x -d 'the interfaces that exist'
complete -c holdfast -n "$daemon; or $config" -l assume-all-interfaces -d 'every interface exists'

complete -c holdfast -n '__fish_seen_subcommand_from posture' -l json -d 'for programs'
complete -c holdfast -n '__fish_seen_subcommand_from posture' -l strict -d 'a finding ends with 1 too'
complete -c holdfast -n '__fish_seen_subcommand_from posture' -l pid-file -r -d 'of the supervisor'
complete -c holdfast -n '__fish_seen_subcommand_from posture' -l pid -x -d 'the supervisor'

set -l migrate '__fish_seen_subcommand_from migrate'
complete -c holdfast -n $migrate -l json -d 'one JSON object a line'
complete -c holdfast -n $migrate -l use-file -r -d 'the configuration'
complete -c holdfast -n $migrate -l defaults -r -d 'of the unit'
complete -c holdfast -n $migrate -l units -r -d 'where units are'
complete -c holdfast -n $migrate -l assume-all-interfaces -d 'every interface exists'
