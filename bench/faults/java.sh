# For drain, doors and soak, which source it: the Mimir that is looked at, and their classes. README.md beside this file.
readonly here=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)
readonly mimir=${MIMIR:-$here/../../mimir} port=${PORT:-18420} classes=$here/../../target/faults
[[ -n ${MIMIR:-} ]] || "$mimir" build

# run CLASS ARGUMENTS…: in place of this script. The other programs here are those of storage, which need classes of Mimir.
run() {
  mkdir -p "$classes"
  javac -Xlint:all -d "$classes" "$here"/{Caller,Doors,Drain,Mimir,Provider,Samples,Soak,SoakCalls,SoakTimes,Strangers}.java "$here/../gateway/Histogram.java"
  exec java -Xms256m -Xmx512m -cp "$classes" "$1" "$mimir" "$port" "${@:2}"
}
