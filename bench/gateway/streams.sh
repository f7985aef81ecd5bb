# shellcheck shell=bash
# Sourced by run: first byte, many streams at once, streams that are left.

# The process that does the work: of Mimir the server below the launcher, of nginx the worker.
worker_of() {
  pgrep -P "$1" | tail -n 1 | grep . || printf '%s' "$1"
}

threads() { awk '/^Threads/ { print $2 }' "/proc/$1/status"; }

# sockets PID: how many, by state.
sockets() {
  ss -Htnp 2>/dev/null | grep "pid=$1," | awk '{ n[$1]++; all++ } END { printf "%d", all; for (s in n) printf ", %s %d", s, n[s] }'
}

stat_of_upstream() {
  curl -s "$upstream/stats" | sed -E "s/.*\"$1\":([0-9]+).*/\1/"
}

sample_every_five() {
  local t m
  printf 'seconds\tthreads\tresident_kib\n' >"$work/samples.tsv"
  most_threads=0 most_memory=0
  local begin=$SECONDS
  while kill -0 "$load_pid" 2>/dev/null; do
    t=$(threads "$worker") m=$(resident "$pid")
    printf '%d\t%d\t%d\n' $((SECONDS - begin)) "$t" "$m" >>"$work/samples.tsv"
    ((t > most_threads)) && most_threads=$t
    ((m > most_memory)) && most_memory=$m
    pause "$((DURATION < 50 ? 1 : 5))"
  done
}

streams() {
  local direct_first direct_slow direct_failed first slow before_threads before_memory before_sockets before_upstream begin waited
  start_direct
  note "direct: $FIRST streams of 3 pieces, one after the other"
  load --name direct --body "$scratch/short.json" --stream --connections 1 --warm 5 --seconds 600 --count "$FIRST"
  direct_first=$(figure p50_us) direct_slow=$(figure p99_us)
  direct_failed="$(figure failed)$(kinds failures)"

  bring_up "$THROUGH" || die "$THROUGH was not measured: $why"
  local worker
  worker=$(worker_of "$pid")
  note "$THROUGH: $WARM s of warm-up with streams of 3 pieces"
  load --name "$THROUGH-warm" --body "$scratch/short.json" --stream --connections "$CONNECTIONS" --seconds "$WARM"
  note "$THROUGH: $FIRST streams of 3 pieces, one after the other"
  load --name "$THROUGH" --body "$scratch/short.json" --stream --connections 1 --warm 5 --seconds 600 --count "$FIRST"
  first=$(figure p50_us) slow=$(figure p99_us)
  say "" "Time to the first piece, $FIRST streams one after the other:" "" \
    "| | p50 us | p99 us | failed |" "|---|---|---|---|" \
    "| direct | $direct_first | $direct_slow | $direct_failed |" \
    "| through $THROUGH | $first | $slow | $(figure failed)$(kinds failures) |" \
    "| difference | $((first - direct_first)) | $((slow - direct_slow)) | |"

  before_threads=$(threads "$worker") before_memory=$(resident "$pid")
  note "$THROUGH: $STREAMS streams at once for $DURATION s, $PIECES pieces each, one every $PAUSE_MS ms"
  sample_while_loading() { sample_every_five; }
  load --name "$THROUGH-many" --body "$scratch/long.json" --stream --chunks "$PIECES" --connections "$STREAMS" \
    --ramp "$(divide $((PIECES * PAUSE_MS)) 1000)" --seconds "$DURATION"
  sample_while_loading() { :; }
  say "" "$STREAMS streams at once for $(figure seconds) s, $PIECES pieces each, one every $PAUSE_MS ms (threads and memory over time: samples.tsv):" "" \
    "| | |" "|---|---|" \
    "| streams that were complete and in order | $(figure answers) |" \
    "| dropped | $(figure failed)$(kinds failures) |" \
    "| pieces a second | $(divide "$(figure pieces)" "$(figure seconds)" %.0f) |" \
    "| first piece, p50 / p99 us | $(figure p50_us) / $(figure p99_us) |" \
    "| threads, before / most | $before_threads / $most_threads |" \
    "| MB resident, before / most | $((before_memory / 1024)) / $((most_memory / 1024)) |"

  pause 2
  before_threads=$(threads "$worker") before_sockets=$(sockets "$worker") before_upstream=$(stat_of_upstream connections)
  local aborted finished
  aborted=$(stat_of_upstream streams_aborted) finished=$(stat_of_upstream streams_finished)
  note "$THROUGH: $ABORTS streams that are left after the first piece"
  load --name "$THROUGH-abort" --body "$scratch/long.json" --abort --connections "$CONNECTIONS" --seconds 3600 --count "$ABORTS"
  begin=$(date +%s%N)
  while (($(stat_of_upstream streams_open) > 0)) && (($(date +%s%N) - begin < 60000000000)); do
    sleep 0.05
  done
  waited=$((($(date +%s%N) - begin) / 1000000))
  pause 10
  say "" "$ABORTS streams left after their first piece, $CONNECTIONS at a time:" "" \
    "| | before | after |" "|---|---|---|" \
    "| threads | $before_threads | $(threads "$worker") |" \
    "| sockets | $before_sockets | $(sockets "$worker") |" \
    "| connections at the provider | $before_upstream | $(stat_of_upstream connections) |" \
    "" "- asked: $(figure answers) in $(figure seconds) s, failed $(figure failed)$(kinds failures)" \
    "- the provider saw $(($(stat_of_upstream streams_aborted) - aborted)) cancelled and sent $(($(stat_of_upstream streams_finished) - finished)) to their end" \
    "- $waited ms after the last was left none was open at the provider (still open: $(stat_of_upstream streams_open))"
  take_down "$THROUGH"
}
