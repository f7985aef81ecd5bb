# shellcheck shell=bash
# Sourced by run: requests per second, then response times at held rates.

declare -A rps=() failed=() median=() slow=() memory=() busy=() other=() foreign=() cost=() reason=() held=()

measure() {
  local name=$1
  local server_pids beside_pids=''
  server_pids=$(tree "$pid" | paste -sd ,)
  [[ $name == direct ]] || beside_pids=$upstream_pid
  note "$name: $WARM s of warm-up, $MEASURE s closed loop"
  load --name "$name" --body "$scratch/whole.json" --expect 'Sunlight meets air, and air scatters blue far more than red.' \
    --expect '"total_tokens":55' --connections "$CONNECTIONS" --warm "$WARM" --seconds "$MEASURE" \
    --server "$server_pids" --beside "$beside_pids" --cores "$SERVER_CORE,$LOAD_CORE"
  rps[$name]=$(figure per_second)
  failed[$name]="$(figure failed)$(kinds failures)"
  [[ $(figure warm_failed) == 0 ]] || failed[$name]+=", warming $(figure warm_failed)$(kinds warm_failures)"
  median[$name]=$(figure p50_us) slow[$name]=$(figure p99_us)
  memory[$name]=$(($(resident "$pid") / 1024))
  # Says something on a busy machine too, where requests per second do not.
  cost[$name]=$(divide "$(figure server_ms)000" "$(figure answers)" %.1f)
  busy[$name]=$(divide "$(figure server_ms)00" "$(figure watched_ms)" %.0f)
  other[$name]=$(divide "$(figure beside_ms)00" "$(figure watched_ms)" %.0f)
  foreign[$name]=$(divide "$(($(figure cores_ms) - $(figure server_ms) - $(figure beside_ms)))00" "$(figure watched_ms)" %.0f)
  note "$name: ${rps[$name]} requests/s, ${failed[$name]} failed"
}

hold() {
  local name=$1 warm=$2 rate
  for rate in $held_rates; do
    note "$name: $MEASURE s at $rate requests/s"
    load --name "$name" --body "$scratch/whole.json" --expect 'Sunlight meets air, and air scatters blue far more than red.' \
      --connections "$CONNECTIONS" --warm "$warm" --seconds "$MEASURE" --rate "$rate"
    held[$name/$rate]=$line
    warm=5
  done
}

is_held() { [[ $1 == mimir || $1 == mimir-old || $1 == nginx || $1 == nginx-stock ]]; }

compare() {
  local name part code=0
  for name in $ORDER; do
    if bring_up "$name"; then
      measure "$name"
      if [[ $name == mimir && -z $held_rates ]]; then
        held_rates=
        for part in 2 4 8 16 32; do
          held_rates+="$(divide "${rps[mimir]}" $part %.0f) "
        done
      fi
      if is_held "$name" && [[ -n $held_rates ]]; then
        # It is warm, but not for pauses between calls: the compiler meets them anew.
        hold "$name" $((WARM / 3))
      fi
    else
      reason[$name]=$why code=1
      complain "$name was not measured: $why"
    fi
    take_down "$name"
  done
  # Those that were measured before the rate was known.
  for name in $ORDER; do
    if is_held "$name" && [[ -n $held_rates && -n ${rps[$name]:-} && -z ${held[$name/${held_rates%% *}]:-} ]]; then
      bring_up "$name" && hold "$name" "$WARM"
      take_down "$name"
    fi
  done

  say "" "$CONNECTIONS connections, small JSON, one core for the server; $(date -u +%F), $(uname -m), $("$java" -version 2>&1 | head -n 1)"
  say "" "| server | requests/s | Mimir / server | failed | p50 us | p99 us | MB resident | processor us/request | server / Mimir | its core % | provider and generator % | all else % |" \
    "|---|---|---|---|---|---|---|---|---|---|---|---|"
  for name in $ORDER; do
    if [[ -n ${reason[$name]:-} ]]; then
      say "| $name | not measured: ${reason[$name]} | | | | | | | | | | |"
    else
      say "| $name | ${rps[$name]} | $(divide "${rps[mimir]:-0}" "${rps[$name]}") | ${failed[$name]} | ${median[$name]} | ${slow[$name]} | ${memory[$name]} | ${cost[$name]} | $(divide "${cost[$name]}" "${cost[mimir]:-0}") | ${busy[$name]} | ${other[$name]} | ${foreign[$name]} |"
    fi
  done
  local rate mimir_slow
  for rate in $held_rates; do
    line=${held[mimir/$rate]:-} mimir_slow=0
    [[ -n $line ]] && mimir_slow=$(figure p99_us)
    say "" "At $rate requests/s, times from when each request was due:" "" \
      "| server | p50 us | p99 us | Mimir / server, p99 | p99.9 us | max us | failed |" "|---|---|---|---|---|---|---|"
    for name in $ORDER; do
      line=${held[$name/$rate]:-}
      [[ -n $line ]] || continue
      say "| $name | $(figure p50_us) | $(figure p99_us) | $(divide "$mimir_slow" "$(figure p99_us)") | $(figure p999_us) | $(figure max_us) | $(figure failed)$(kinds failures) |"
    done
  done
  return $code
}
