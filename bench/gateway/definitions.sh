# shellcheck shell=bash
# Sourced by run: what the field compares gateways by. All kinds of calls ("variants") are measured in turn on one server that stays
# up, then the next server is started, and a table has the ratios.

# --- What is asked ----------------------------------------------------------------------------------------------------

# The same question to Anthropic's protocol.
readonly question_anthropic='"system":"You answer in one short sentence, in plain words, without any list or heading.","messages":[{"role":"user","content":"Why is the sky blue, and why is it red in the evening when the sun is low over the hills?"}],"temperature":0.2,"max_tokens":64}'

# body VARIANT ENDING FURTHER: a question for the model with that ending, into a file whose name is in "body".
body() {
  local model=gpt-4o-mini
  [[ $1 == governed ]] && model+=-governed
  body=$scratch/$1$2.json
  if [[ $1 == translated ]]; then
    printf '{"model":"%s",%s%s' "$model$2" "$3" "$question_anthropic" >"$body"
  else
    printf '{"model":"%s",%s%s' "$model$2" "$3" "$question" >"$body"
  fi
}

# large_question VARIANT: the same, with LARGE bytes more.
large_question() {
  local text small
  body "$1" '' ''
  small=$(<"$body")
  body=$scratch/$1-large.json
  [[ -f $body ]] && return
  text=$(head -c "$LARGE" /dev/zero | tr '\0' x)
  printf '%s' "${small/Why is the sky blue/$text Why is the sky blue}" >"$body"
}

# put NAME VARIANT PART ARGUMENTS…: one run of the generator with the body in "body"; its figures go to those of the part.
put() {
  local name=$1 variant=$2 part=$3 path=/v1/chat/completions headers=$scratch/headers f
  shift 3
  [[ $variant == translated ]] && path=/v1/messages
  [[ $variant == governed ]] && headers=$scratch/headers-governed
  load --name "$name/$variant/$part" --url "$url$path" --headers "$headers" --body "$body" "$@"
  for f in per_second p50_us p99_us failed gap_p99_us gap_max_us stalls answers; do
    figures[$name/$variant/$part/$f]+="$(figure "$f") "
  done
  if [[ $(figure failed) != 0 || $(figure warm_failed) != 0 ]]; then
    note "$name/$variant/$part: failed $(figure failed)$(kinds failures), warming $(figure warm_failed)$(kinds warm_failures)"
  fi
}

declare -A figures=() probes=()

# of SERVER/VARIANT/PART/FIGURE: the median of what was measured; empty when it was not.
of() {
  local all
  read -ra all <<<"${figures[$1]:-}"
  ((${#all[@]})) || return 0
  printf '%s\n' "${all[@]}" | sort -g | sed -n "$(((${#all[@]} + 1) / 2))p"
}

# sum_of SERVER/VARIANT/PART/FIGURE
sum_of() { tr ' ' '\n' <<<"${figures[$1]:-0}" | awk '{ sum += $1 } END { printf "%d", sum }'; }

minus() { [[ -n $1 && -n $2 ]] && printf '%d' $(($1 - $2)) || printf -- '-'; }

# Those that know of nothing but relaying have one kind of call.
variants_of() {
  case $1 in
    mimir | mimir-old) printf '%s' "$VARIANTS" ;;
    *) printf 'plain' ;;
  esac
}

# --- What is measured -------------------------------------------------------------------------------------------------

# alone NAME PART ENDING: one call after the other.
alone() {
  local pass variant
  for ((pass = 0; pass < PASSES; pass++)); do
    for variant in $(variants_of "$1"); do
      body "$variant" "$3" ''
      put "$1" "$variant" "$2" --expect 'Sunlight meets air' --connections 1 --warm 1 --seconds "$SHORT"
    done
  done
}

# closed NAME PART ENDING CONNECTIONS: as fast as it goes.
closed() {
  local pass variant server_pids
  server_pids=$(tree "$pid" | paste -sd ,)
  for ((pass = 0; pass < PASSES; pass++)); do
    for variant in $(variants_of "$1"); do
      body "$variant" "$3" ''
      put "$1" "$variant" "$2" --expect 'Sunlight meets air' --connections "$4" --warm 2 --seconds "$SHORT" --server "$server_pids"
      figures[$1/$variant/$2/cost]+="$(divide "$(figure server_ms)000" "$(figure answers)" %.1f) "
    done
  done
}

# search NAME PART ENDING CONNECTIONS BASE: the highest rates, in steps of a 32nd of the closed loop, whose 99th percentile is at most 1, 5 and
# 10 ms above BASE us.
search() {
  local name=$1 part=$2 ending=$3 connections=$4 base=$5 variant top limit low high middle
  probes=()
  for variant in $(variants_of "$name"); do
    body "$variant" "$ending" ''
    top=$(of "$name/$variant/$part/per_second")
    for limit in 1 5 10; do
      low=0 high=33
      while ((high - low > 1)); do
        middle=$(((low + high) / 2))
        if keeps $((base + 1000 * limit)); then low=$middle; else high=$middle; fi
      done
      figures[$name/$variant/$part/within-$limit]+="$(awk -v t="$top" -v k="$low" 'BEGIN { printf "%.0f", t * k / 32 }') "
    done
    note "$name/$variant/$part: $top requests/s, with at most 1, 5, 10 ms $(of "$name/$variant/$part/within-1"), $(of "$name/$variant/$part/within-5"), $(of "$name/$variant/$part/within-10")"
  done
}

# keeps LIMIT: whether the 99th percentile at the rate of "search" is within so many us; each rate is asked for once.
keeps() {
  local probe=$name/$variant/$part/probe-$middle
  if [[ -z ${probes[$probe]:-} ]]; then
    put "$name" "$variant" "$part/probe" --expect 'Sunlight meets air' --connections "$connections" --timeout 3 --warm 1 --seconds "$PROBE" \
      --rate "$(awk -v t="$top" -v k="$middle" 'BEGIN { printf "%.1f", t * k / 32 }')"
    probes[$probe]="$(figure p99_us) $(figure failed)"
  fi
  [[ ${probes[$probe]#* } == 0 ]] && ((${probes[$probe]% *} <= $1))
}

measure_latency() { alone "$1" latency ''; }

measure_rates() {
  closed "$1" rates '' "$CONNECTIONS"
  search "$1" rates '' "$CONNECTIONS" 0
}

# The provider's own time, with the grain of its clock, is no fault of the server's: it is added to the limits.
slow_base=
measure_slow() {
  alone "$1" slow-alone "-wait-$WAIT_MS"
  closed "$1" slow "-wait-$WAIT_MS" "$IN_FLIGHT"
  if [[ -z $slow_base ]]; then
    slow_base=$((WAIT_MS * 1000 + 1000))
    [[ $1 == direct ]] && slow_base=$(of direct/plain/slow-alone/p99_us)
  fi
  search "$1" slow "-wait-$WAIT_MS" "$IN_FLIGHT" "$slow_base"
}

measure_paced() {
  local variant protocol
  for variant in $(variants_of "$1"); do
    body "$variant" "-stream-$PACED_PIECES-$PACE_MS" '"stream":true,'
    protocol=openai
    [[ $variant == translated ]] && protocol=anthropic
    put "$1" "$variant" paced --stream --protocol "$protocol" --chunks "$PACED_PIECES" --connections "$PACED" --stall "$STALL_MS" \
      --ramp "$(divide $((PACED_PIECES * PACE_MS)) 1000)" --seconds "$PACED_SECONDS"
  done
}

measure_large() {
  local variant pass
  for ((pass = 0; pass < PASSES; pass++)); do
    for variant in $(variants_of "$1"); do
      large_question "$variant"
      put "$1" "$variant" large-question --expect 'Sunlight meets air' --connections 1 --warm 2 --seconds "$SHORT"
      body "$variant" "-size-$LARGE" ''
      put "$1" "$variant" large-answer --expect 'Sunlight meets air' --connections 1 --warm 2 --seconds "$SHORT"
    done
  done
}

# --- What is told -----------------------------------------------------------------------------------------------------

# rows COMMAND: for each server and kind of call that was measured.
rows() {
  local name variant
  for name in $measured; do
    for variant in $(variants_of "$name"); do
      "$1" "$name" "$variant"
    done
  done
}

# to_plain PART/FIGURE NAME VARIANT: against the server's own plain calls.
to_plain() { divide "$(of "$2/$3/$1")" "$(of "$2/plain/$1")"; }
# to_old PART/FIGURE NAME VARIANT: Mimir against the older one, with the same kind of call.
to_old() { [[ $2 == mimir ]] && divide "$(of "mimir/$3/$1")" "$(of "mimir-old/$3/$1")" || printf -- '-'; }

latency_row() {
  local key=$1/$2/$part middle slow nginx
  middle=$(minus "$(of "$key/p50_us")" "$(of "direct/plain/$part/p50_us")")
  slow=$(minus "$(of "$key/p99_us")" "$(of "direct/plain/$part/p99_us")")
  nginx=$(minus "$(of "nginx/plain/$part/p99_us")" "$(of "direct/plain/$part/p99_us")")
  say "| $1, $2 | $(of "$key/p50_us") | $(of "$key/p99_us") | $middle | $slow | $(divide "$slow" "$nginx") | $(to_plain "$part/p50_us" "$@") | $(to_old "$part/p50_us" "$@") | $(to_old "$part/p99_us" "$@") | $(sum_of "$key/failed") |"
}

latency_table() {
  local part=$1
  say "" "$2, one call after the other, medians of $PASSES; added is through less direct:" "" \
    "| server, calls | p50 us | p99 us | added p50 | added p99 | added p99 / nginx's | p50 / plain | p50, new / old | p99, new / old | failed |" \
    "|---|---|---|---|---|---|---|---|---|---|"
  rows latency_row
}

rates_row() {
  local key=$1/$2/$part limit text=''
  for limit in 1 5 10; do
    text+=" $(of "$key/within-$limit") | $(to_old "$part/within-$limit" "$@") |"
  done
  say "| $1, $2 | $(of "$key/per_second") | $(to_plain "$part/per_second" "$@") | $(to_old "$part/per_second" "$@") | $(of "$key/cost") | $(to_plain "$part/cost" "$@") | $(to_old "$part/cost" "$@") | $(of "$key/p50_us") | $(of "$key/p99_us") | $(sum_of "$key/failed") |$text"
}

rates_table() {
  local part=$1
  say "" "$2: as fast as it goes (medians of $PASSES), then the highest rate, of 32 steps up to that, with p99 at most 1, 5 and 10 ms${3:-}:" "" \
    "| server, calls | requests/s | / plain | new / old | processor us/request | / plain | new / old | p50 us | p99 us | failed | 1 ms | new / old | 5 ms | new / old | 10 ms | new / old |" \
    "|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|"
  rows rates_row
}

paced_row() {
  local key=$1/$2/paced
  say "| $1, $2 | $(of "$key/answers") | $(of "$key/failed") | $(of "$key/stalls") | $(of "$key/gap_p99_us") | $(of "$key/gap_max_us") | $(to_old paced/gap_p99_us "$@") | $(of "$key/p50_us") | $(of "$key/p99_us") |"
}

tell() {
  case $1 in
    latency) latency_table latency 'A small question' ;;
    rates) rates_table rates "$CONNECTIONS connections" ;;
    slow)
      latency_table slow-alone "A provider that takes $WAIT_MS ms"
      rates_table slow "The same, $IN_FLIGHT calls in flight" " above $slow_base us"
      ;;
    paced)
      say "" "$PACED streams at once, a piece every $PACE_MS ms, $PACED_PIECES each, for $PACED_SECONDS s:" "" \
        "| server, calls | complete | failed | pauses over $STALL_MS ms | pause p99 us | longest us | p99, new / old | first piece p50 us | p99 us |" \
        "|---|---|---|---|---|---|---|---|---|"
      rows paced_row
      ;;
    large)
      latency_table large-question "A question of $LARGE bytes"
      latency_table large-answer "An answer of $LARGE bytes"
      ;;
  esac
}

# warm NAME: all kinds of calls by turns, WARM seconds in all.
warm() {
  local variant round
  for ((round = 0; round < 3; round++)); do
    for variant in $(variants_of "$1"); do
      body "$variant" '' ''
      put "$1" "$variant" warm --expect 'Sunlight meets air' --connections "$CONNECTIONS" \
        --seconds "$(divide "$WARM" $((3 * $(variants_of "$1" | wc -w))))"
    done
  done
}

# definitions PART…
definitions() {
  local name part measured='' code=0
  governed=yes kept_connections=$((IN_FLIGHT > 64 ? IN_FLIGHT : 64))
  for name in $DEFINED; do
    if bring_up "$name"; then
      note "$name: $WARM s of warm-up"
      warm "$name"
      for part in "$@"; do
        note "$name: $part"
        "measure_$part" "$name"
      done
      [[ " $measured " == *" $name "* ]] || measured+=" $name"
    else
      code=1
      complain "$name was not measured: $why"
    fi
    take_down "$name"
  done
  say "" "$(date -u +%F), $(uname -m), $("$java" -version 2>&1 | head -n 1), one core for the server"
  for part in "$@"; do
    tell "$part"
  done
  return $code
}
