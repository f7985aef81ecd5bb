# shellcheck shell=bash
# Sourced by run: starting, watching and ending of processes.

# Everything that was started and may still run; ended by its number, whatever ends this script.
started=()
scratch=

# start CORE LOG COMMAND…: its pid is in "pid" afterwards.
start() {
  local core=$1 log=$2
  shift 2
  taskset -c "$core" "$@" >"$log" 2>&1 </dev/null &
  pid=$!
  started+=("$pid")
}

# stop PID: asks it to end, waits, and does not wait for ever.
stop() {
  local i rest=()
  kill -TERM "$1" 2>/dev/null
  for ((i = 0; i < 200; i++)); do
    kill -0 "$1" 2>/dev/null || break
    sleep 0.1
  done
  kill -KILL "$1" 2>/dev/null
  { wait "$1"; } 2>/dev/null
  for i in "${started[@]}"; do
    [[ $i == "$1" ]] || rest+=("$i")
  done
  started=("${rest[@]}")
}

# pause SECONDS: sleeps so that a signal is heard at once.
napping=
pause() {
  sleep "$1" &
  napping=$!
  wait "$napping"
  napping=
}

finish() {
  trap '' INT TERM HUP
  local i
  [[ -n $napping ]] && kill "$napping" 2>/dev/null
  for ((i = ${#started[@]} - 1; i >= 0; i--)); do
    kill -TERM "${started[i]}" 2>/dev/null
  done
  while ((${#started[@]})); do
    stop "${started[0]}"
  done
  [[ -n $scratch ]] && rm -rf "$scratch"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# tree PID: it and all that it started, one a line.
tree() {
  local child
  printf '%s\n' "$1"
  for child in $(pgrep -P "$1"); do
    tree "$child"
  done
}

# resident PID: KiB of it and all that it started.
resident() {
  local p sum=0 kib
  for p in $(tree "$1"); do
    kib=$(awk '/^VmRSS/ { print $2 }' "/proc/$p/status" 2>/dev/null)
    sum=$((sum + ${kib:-0}))
  done
  printf '%d' "$sum"
}

listens() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
