# shellcheck shell=bash
# Sourced by run: what is asked, and one run of the generator.

readonly question='"messages":[{"role":"system","content":"You answer in one short sentence, in plain words, without any list or heading."},{"role":"user","content":"Why is the sky blue, and why is it red in the evening when the sun is low over the hills?"}],"temperature":0.2,"max_tokens":64,"user":"bench"}'

make_requests() {
  printf '{"model":"gpt-4o-mini",%s' "$question" >"$scratch/whole.json"
  printf '{"model":"gpt-4o-mini-stream-3-2","stream":true,%s' "$question" >"$scratch/short.json"
  printf '{"model":"gpt-4o-mini-stream-%d-%d","stream":true,%s' "$PIECES" "$PAUSE_MS" "$question" >"$scratch/long.json"
}

# load ARGUMENTS…: one run of the generator against "url"; its line is in "line" and in the results.
line=
load() {
  local out=$scratch/load.out
  : >"$out"
  taskset -c "$LOAD_CORE" "$java" -XX:+UseSerialGC -Xms128m -Xmx512m -cp "$work/classes" Load --url "$url/v1/chat/completions" \
    --headers "$scratch/headers" "$@" >"$out" 2>>"$work/load.log" </dev/null &
  load_pid=$!
  started+=("$load_pid")
  sample_while_loading
  { wait "$load_pid"; } 2>/dev/null || complain "the load generator failed, see $work/load.log"
  stop "$load_pid"
  line=$(<"$out")
  [[ -n $line ]] && printf '%s\n' "$line" >>"$results"
}

# What load does while the generator runs; the measurements put something else in its place.
sample_while_loading() { :; }

# figure NAME: a number of "line".
figure() {
  sed -E "s/.*\"$1\":([^,}]*).*/\1/" <<<"$line"
}

# kinds NAME: the kinds of failures of "line", readable.
kinds() {
  local text
  text=$(sed -E "s/.*\"$1\":\{([^}]*)\}.*/\1/" <<<"$line" | tr -d '"')
  printf '%s' "${text:+ (${text//,/, })}"
}

divide() { awk -v a="$1" -v b="$2" -v f="${3:-%.2f}" 'BEGIN { if (b + 0 == 0) print "-"; else printf f, a / b }'; }
