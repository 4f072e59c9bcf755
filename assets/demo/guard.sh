# Runs a server for as long as at least one program holds the lifeline open, then stops it.
#
#   sh -c SCRIPT guard LIFELINE SERVER ARGUMENT...
#
# standard input   reading end of LIFELINE, a FIFO whose writing end every program keeps open. The
#                  kernel closes it for a program that is killed, too: end of file is the one sign
#                  of a program's end that cannot be lost.
# standard output  the file with the server's lock: the server inherits it, so that the lock is
#                  held for exactly as long as the server lives.
# standard error   the server's log.
lifeline=$1
shift
exec 3<&0 </dev/null
"$@" 3<&- &
server=$!
(
    exec >/dev/null
    while :; do
        while read -r line; do :; done
        # Whoever opened the lifeline since the end of file has written a line, or is about to;
        # with the name gone nobody else can. So the next read tells for certain.
        mv "$lifeline" "$lifeline.closed"
        read -r line || break
        mv "$lifeline.closed" "$lifeline"
    done
    kill -INT "$server"
    tries=50
    while [ "$tries" -gt 0 ]; do
        sleep 0.1
        tries=$((tries - 1))
    done
    kill -QUIT "$server"
) <&3 3<&- &
guard=$!
exec 3<&-
wait "$server"
status=$?
kill "$guard"
exit "$status"
