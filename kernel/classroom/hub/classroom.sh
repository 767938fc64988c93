#!/bin/sh
# classroom.sh COMMAND: a class on one machine, without systemd. The variables CLASSROOM_* are in settings.py.
#
#   install RT0 FOLDER   copy the binary RT0 and the notebooks of FOLDER below CLASSROOM_PREFIX, and tell Jupyter of the kernel
#   prepare [NOTEBOOK…]  run notebooks once (all, if none is named), so that students find every program built
#   student NAME…        put students on the list, or give them new codes; prints the codes, which are kept nowhere
#   start                start the Hub; returns when it answers
#   status               say whether it runs
#   stop                 stop the Hub, all servers and all kernels
set -eu
here=$(cd "$(dirname "$0")" && pwd)
python=/usr/bin/python3
setting() { PYTHONPATH=$here "$python" -c "import settings; print(settings.$1)"; }
run=$(setting RUN)
hub=$run/hub.pid

alive() { [ -s "$hub" ] && kill -0 "$(cat "$hub")" 2>/dev/null; }

# answers: the Hub answers behind the proxy.
answers() { "$python" - "$(setting URL)" <<'EOF'
import ssl, sys, urllib.request
context = ssl.create_default_context()
context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # the certificate is the class's own
try:
    urllib.request.urlopen(sys.argv[1].replace("//0.0.0.0", "//127.0.0.1") + "/hub/health", timeout=5, context=context)
except OSError:
    sys.exit(1)
EOF
}

case ${1:-help} in
install)
	prefix=$(setting PREFIX)
	notebooks=$(setting NOTEBOOKS)
	install -D -m 755 "$2" "$prefix/bin/rt0"
	for n in "$3"/*.ipynb; do install -D -m 644 "$n" "$notebooks/$(basename "$n")"; done
	"$prefix/bin/rt0" kernel install -prefix "$prefix"
	;;
prepare)
	shift
	notebooks=$(setting NOTEBOOKS)
	[ $# -gt 0 ] || set -- "$notebooks"/*.en.ipynb
	template=$(setting TEMPLATE)
	mkdir -p "$template"
	# The caches are for every student; what Jupyter leaves behind is not.
	HOME=$template XDG_CACHE_HOME=$template/.cache GOCACHE=$template/.cache/go-build GOPATH=$(setting GOPATH) GOMODCACHE= GOFLAGS=-modcacherw=false \
		JUPYTER_PATH=$(setting PREFIX)/share/jupyter JUPYTER_DATA_DIR=$run/prepare JUPYTER_RUNTIME_DIR=$run/prepare XDG_DATA_HOME=$run/prepare \
		"$python" -m nbconvert --execute --to notebook --output-dir "$run/prepare" "$@"
	rm -rf "$run/prepare"
	chmod -R a+rX "$template" "$(setting GOPATH)" 2>/dev/null || chmod -R a+rX "$template"
	;;
student)
	shift
	mkdir -p "$(setting DIR)"
	PYTHONPATH=$here "$python" "$here/students.py" "$@"
	;;
start)
	if alive; then echo "the Hub runs already, process $(cat "$hub")"; exit 0; fi
	[ -d "$(setting NOTEBOOKS)" ] || { echo "$(setting NOTEBOOKS) is not there: classroom.sh install comes first" >&2; exit 1; }
	mkdir -p "$run" "$(setting HOMES)"
	chmod 700 "$run"
	chmod 711 "$(setting HOMES)"
	cd "$run"
	# Debian's own nodejs looks for Debian's modules there; another one needs to be told.
	export NODE_PATH="${NODE_PATH:-/usr/share/nodejs}"
	setsid "$python" -m jupyterhub --config "$here/jupyterhub_config.py" >>"$run/hub.log" 2>&1 </dev/null &
	started=$!
	for _ in $(seq 240); do
		if answers; then echo "$(setting URL)"; exit 0; fi
		kill -0 $started 2>/dev/null || break
		sleep 0.25
	done
	echo "the Hub does not answer; the end of $run/hub.log:" >&2
	tail -n 20 "$run/hub.log" >&2
	exit 1
	;;
status)
	if alive; then echo "runs, process $(cat "$hub"), $(setting URL)"; else echo "does not run"; exit 1; fi
	;;
stop)
	if ! alive; then echo "does not run"; exit 0; fi
	pid=$(cat "$hub")
	kill -TERM "$pid"
	for _ in $(seq 240); do
		kill -0 "$pid" 2>/dev/null || exit 0
		sleep 0.25
	done
	echo "process $pid did not end within a minute; see $run/hub.log" >&2
	exit 1
	;;
*)
	sed -n '2,/^set/s/^# \{0,1\}//p' "$0"
	[ "${1:-help}" = help ]
	;;
esac
