#!/bin/sh
# What ippeveprinter runs for every job: it reports the printer's reasons, waits while a hand is needed, then keeps the sheet.
# SIMULATOR_CONTROL: folder with `wanted` and `reported` (one reason a line), `blocked` and `fail` (flags), `running`,
# `power` (the printer's process id while it is switched on).
# SIMULATOR_FOLDER: where the printed documents go.
set -eu
document=$1
cd "$SIMULATOR_CONTROL"
has_power() {
  kill -0 "$(cat power)"
}

has_power
trap 'rm -f running "$document"' EXIT
trap 'exit 1' TERM INT
: > running

report() {
  cp wanted now
  while read -r reason; do
    grep -qxF "$reason" now || echo "STATE: -$reason" >&2
  done < reported
  while read -r reason; do
    grep -qxF "$reason" reported || echo "STATE: +$reason" >&2
  done < now
  mv now reported
}

report
[ "${IPP_JOB_NAME:-}" = simulator-reasons ] && exit 0
while [ -e blocked ]; do
  has_power
  sleep 0.05
  report
done
report
if [ -e fail ]; then
  rm fail
  exit 1
fi
number=1
while [ -e "$SIMULATOR_FOLDER/job-$number.pdf" ]; do number=$((number + 1)); done
cp "$document" "$SIMULATOR_FOLDER/.job-$number"
mv "$SIMULATOR_FOLDER/.job-$number" "$SIMULATOR_FOLDER/job-$number.pdf"
