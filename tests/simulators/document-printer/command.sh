#!/bin/sh
# What ippeveprinter runs for every job: it reports the printer's reasons, waits while a hand is needed, then keeps the sheet.
# SIMULATOR_CONTROL: folder with `wanted` and `reported` (one reason a line), `blocked`, `fail` and `failing` (flags), `running`,
# `slow` (milliseconds that a sheet takes),
# `power` (the printer's process id while it is switched on).
# SIMULATOR_FOLDER: where the printed documents go. SIMULATOR_URI: the printer itself.
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

# ippeveprinter goes on with a job that was cancelled while it waited, and calls it cancelled afterwards.
cancelled() {
  ipptool -q -d job="$IPP_JOB_ID" "$SIMULATOR_URI" /dev/stdin << 'END'
{
  OPERATION Get-Job-Attributes
  GROUP operation-attributes-tag
  ATTR charset attributes-charset utf-8
  ATTR language attributes-natural-language en
  ATTR uri printer-uri $uri
  ATTR integer job-id $job
  ATTR keyword requested-attributes job-state-reasons
  STATUS successful-ok
  EXPECT job-state-reasons WITH-VALUE processing-to-stop-point
}
END
}

report
[ "${IPP_JOB_NAME:-}" = simulator-reasons ] && exit 0
while [ -e blocked ]; do
  has_power
  sleep 0.05
  report
done
report
late=$(cat slow)
while [ "$late" -gt 0 ]; do
  has_power
  sleep 0.05
  late=$((late - 50))
done
cancelled && exit 0
[ -e failing ] && exit 1
if [ -e fail ]; then
  rm fail
  exit 1
fi
number=1
while [ -e "$SIMULATOR_FOLDER/job-$number.pdf" ]; do number=$((number + 1)); done
cp "$document" "$SIMULATOR_FOLDER/.job-$number"
mv "$SIMULATOR_FOLDER/.job-$number" "$SIMULATOR_FOLDER/job-$number.pdf"
