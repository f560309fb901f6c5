# bash completion for holdfast(8)

_holdfast_options() {
  case $1 in
    explain) echo '--json --config-id= --assume-interfaces= --assume-all-interfaces --help' ;;
    plan) echo '--json --config-id= --assume-interfaces= --assume-all-interfaces --help' ;;
    format) echo '--json --check --help' ;;
    keywords) echo '--json --help' ;;
    migrate) echo '--json --use-file= --defaults= --units= --assume-all-interfaces --help' ;;
    posture) echo '--json --strict --pid-file= --pid= --help' ;;
    *) echo '--use-file= --config-test --format= --strict --assume-interfaces= --assume-all-interfaces --config-id=
             --all-config --dump-conf --dont-fork --log-console --log-detail --log-facility= --no-syslog
             --dont-respawn --namespace= --pid= --vrrp_pid= --checkers_pid= --bfd_pid= --vrrp --check --no_bfd
             --all --signum= --genhash --version --help' ;;
  esac
}

_holdfast() {
  local cur prev words cword split
  _init_completion -s || return

  case $prev in
    -f | --use-file | -t | --config-test | -p | --pid | -r | --vrrp_pid | -c | --checkers_pid | -b | --bfd_pid | \
      --pid-file | --defaults)
      _filedir
      return
      ;;
    --format) COMPREPLY=($(compgen -W 'text json' -- "$cur")); return ;;
    --signum) COMPREPLY=($(compgen -W 'STOP RELOAD DATA STATS STATS_CLEAR JSON' -- "$cur")); return ;;
    -s | --namespace) COMPREPLY=($(compgen -W "$(ip netns list 2> /dev/null | cut -d' ' -f1)" -- "$cur")); return ;;
    --assume-interfaces) _available_interfaces; return ;;
  esac
  $split && return

  local program=
  if [[ ${words[1]} == config && $cword -gt 2 ]]; then
    program=${words[2]}
  elif [[ ${words[1]} == @(migrate|posture) && $cword -gt 1 ]]; then
    program=${words[1]}
  fi

  if [[ $cur == -* ]]; then
    COMPREPLY=($(compgen -W "$(_holdfast_options "$program")" -- "$cur"))
    [[ ${COMPREPLY-} == *= ]] && compopt -o nospace
  elif [[ $cword -eq 1 ]]; then
    COMPREPLY=($(compgen -W 'config migrate posture' -- "$cur"))
  elif [[ ${words[1]} == config && $cword -eq 2 ]]; then
    COMPREPLY=($(compgen -W 'explain plan format keywords' -- "$cur"))
  else
    _filedir
  fi
} &&
  complete -F _holdfast holdfast keepalived
