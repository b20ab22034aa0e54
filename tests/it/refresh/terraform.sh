#!/bin/sh
# In the place of terraform. What it is told goes to `calls`, its variables to `variables`; its answers lie in
# the folder. `fail-WORD` and `hang-WORD` say at which command it fails, and with what, or does not end.
echo "$@" >>calls
env >variables
ls -ld "$TMPDIR" >>scratch
if [ -e "fail-$1" ]; then
    cat "fail-$1" >&2
    exit 1
fi
if [ -e "hang-$1" ]; then
    sh -c 'echo $$ >child; exec sleep 300' &
    trap '' TERM
    wait
    sleep 300
fi
case "$1" in
state) cat pulled ;;
plan)
    echo "a secret: hunter2hunter2"
    for word; do
        case "$word" in -out=*) : >"${word#-out=}" ;; esac
    done
    ;;
show) cat shown ;;
*) exit 3 ;;
esac
