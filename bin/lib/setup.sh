# shellcheck shell=sh
# Sets a checkout up: Node, dependencies, build. Sourced by bin/claude-failover (only when something
# is missing or stale) and by bin/test. Everything it says goes to stderr.
#
# Needs $root (the checkout). Gives $node (a fitting node) and $work (where node_modules and dist
# are: $root, or a copy in the cache where the checkout cannot be written).

. "$root/bin/lib/pins.sh"

node='' work=$root held_lock='' step_pid='' step_log='' scratch=''

say() { printf 'claude-failover: %s\n' "$*" >&2; }

# die <what happened> <what to do>
die() {
  say "$1"
  [ -z "${2:-}" ] || printf 'Try: %s\n' "$2" >&2
  exit 1
}

begin_setup() {
  trap end_setup EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
}

# Idempotent; also undoes what a signal interrupted.
end_setup() {
  trap - EXIT HUP INT TERM
  [ -z "$step_pid" ] || [ ! -t 2 ] || echo >&2
  if [ -n "$step_pid" ] && kill "$step_pid" 2>/dev/null; then wait "$step_pid"; fi
  [ -z "$step_log" ] || rm -f "$step_log"
  [ -z "$scratch" ] || rm -rf "$scratch"
  unlock
  step_pid='' step_log='' scratch=''
}

# step <label> <command…>: one line on stderr; the command's own output only if it fails.
step_lines=60
step() {
  step_label=$1
  shift
  step_log=$(mktemp "${TMPDIR:-/tmp}/claude-failover.XXXXXX") || exit 1
  "$@" >"$step_log" 2>&1 </dev/null &
  step_pid=$!
  if [ -t 2 ]; then watch_step; else say "$step_label"; fi
  wait "$step_pid"
  step_status=$?
  step_pid=''
  if [ "$step_status" -ne 0 ]; then head -n "$step_lines" "$step_log" >&2; fi
  rm -f "$step_log"
  step_log=''
  return "$step_status"
}

watch_step() {
  step_start=$(date +%s) step_turn='|'
  while kill -0 "$step_pid" 2>/dev/null; do
    printf '\r%s claude-failover: %s (%d s) ' "$step_turn" "$step_label" $(($(date +%s) - step_start)) >&2
    case $step_turn in '|') step_turn=/ ;; /) step_turn=- ;; -) step_turn=\\ ;; *) step_turn='|' ;; esac
    nap
  done
  printf '\r  claude-failover: %s (%d s)\n' "$step_label" $(($(date +%s) - step_start)) >&2
}

nap() { sleep 0.2 2>/dev/null || sleep 1; }

# One holder at a time. The lock is a link whose target is the holder's pid: made and named at once.
lock() {
  lock_waits=0
  until ln -s "$$" "$1" 2>/dev/null; do
    [ -h "$1" ] || [ -w "${1%/*}" ] || die "${1%/*} cannot be written." "Check its owner and mode."
    lock_holder=$(readlink "$1" 2>/dev/null) || continue
    if ! alive "$lock_holder"; then
      break_lock "$1"
      continue
    fi
    [ "$lock_waits" -ne 5 ] || say "waiting for another start that sets things up (process $lock_holder)"
    [ "$lock_waits" -lt 4500 ] || die "Process $lock_holder has held $1 for 15 minutes." \
      "If that process is no claude-failover start, remove $1."
    lock_waits=$((lock_waits + 1))
    nap
  done
  held_lock=$1
}

unlock() {
  [ -z "$held_lock" ] || rm -f "$held_lock"
  held_lock=''
}

# Behind a second lock and after a second look, so that two who find the same dead holder do not
# take away each other's new lock.
break_lock() {
  if ! ln -s "$$" "$1.break" 2>/dev/null; then
    nap
    alive "$(readlink "$1.break" 2>/dev/null)" || rm -f "$1.break"
    return
  fi
  lock_holder=$(readlink "$1" 2>/dev/null) && ! alive "$lock_holder" && rm -f "$1"
  rm -f "$1.break"
}

# kill -0 also fails for another user's living process; /proc knows better where it exists.
alive() { [ -n "$1" ] && { kill -0 "$1" 2>/dev/null || [ -d "/proc/$1" ]; }; }

need_cache() {
  [ -n "${XDG_CACHE_HOME:-}${HOME:-}" ] || die "Neither HOME nor XDG_CACHE_HOME is set." \
    "Set HOME; what is fetched is kept below it."
  cache=${XDG_CACHE_HOME:-$HOME/.cache}/claude-failover
  mkdir -p "$cache" 2>/dev/null || die "$cache cannot be made." "Set XDG_CACHE_HOME to a folder you can write."
}

# The platform as npm packages spell it.
platform() {
  case $(uname -s) in Linux) platform_os=linux ;; Darwin) platform_os=darwin ;; *) platform_os=other ;; esac
  case $(uname -m) in x86_64 | amd64) echo "$platform_os-x64" ;; aarch64 | arm64) echo "$platform_os-arm64" ;; *) echo other ;; esac
}

# fetch <label> <folder>: the pinned package into $cache/<folder>/node_modules/, whole or not at all.
fetch() {
  lock "$cache/$2.lock"
  if [ ! -d "$cache/$2" ]; then
    rm -rf "$cache/$2".tmp-*
    scratch=$cache/$2.tmp-$$
    mkdir "$scratch" && write_pinned_lockfile "$scratch" &&
      step "$1" npm_in "$scratch" ci && mv "$scratch" "$cache/$2"
    fetch_status=$?
    rm -rf "$scratch"
    scratch=''
  else
    fetch_status=0
  fi
  unlock
  return "$fetch_status"
}

write_pinned_lockfile() {
  pin_dependencies="\"dependencies\":{\"$pin_package\":\"$pin_version\"}"
  printf '{"name":"fetched","version":"1.0.0",%s}\n' "$pin_dependencies" >"$1/package.json" &&
    printf '{"name":"fetched","version":"1.0.0","lockfileVersion":3,"requires":true,"packages":{"":{"name":"fetched","version":"1.0.0",%s},"node_modules/%s":{"version":"%s","integrity":"%s"}}}\n' \
      "$pin_dependencies" "$pin_package" "$pin_version" "$pin_integrity" >"$1/package-lock.json"
}

# npm_in <folder> <arguments…>. Under the node npm came with, not the chosen one: npm looks for the
# machine's own settings (registry, proxy, certificates) beside the node it runs under.
npm_in() {
  cd -- "$1" || exit 1
  shift
  exec npm "$@" --include=dev --ignore-scripts --no-audit --no-fund --no-update-notifier \
    --no-progress --no-engine-strict --loglevel=error
}

need_npm() {
  command -v npm >/dev/null 2>&1 || die "$1, and there is no npm to fetch it with." \
    "Install Node 22.18 or newer, which brings npm, with your system's package manager, and start again."
}

# Prints the path of the node it is asked about, if that one fits.
fitting_node() {
  "$1" -e 'const [major, minor] = process.versions.node.split(".").map(Number);
if (major > 22 || (major === 22 && minor >= 18)) console.log(process.execPath);' 2>/dev/null
}

find_node() {
  node=$(fitting_node node)
  [ -z "$node" ] || return 0
  need_cache
  pin_node "$(platform)" || die "Node 22.18 or newer is needed and was not found; none can be fetched for $(uname -sm)." \
    "Install it and put it first on PATH."
  fetched_node=$cache/node-$pin_version/node_modules/$pin_package/bin/node
  node=$(fitting_node "$fetched_node")
  [ -z "$node" ] || return 0
  need_npm "Node 22.18 or newer is needed and was not found"
  fetch "fetching Node $pin_version" "node-$pin_version" || die "Node $pin_version could not be fetched (npm's words above)." \
    "Check npm's network, proxy and registry settings, or install Node 22.18 or newer."
  node=$(fitting_node "$fetched_node")
  [ -n "$node" ] || die "The fetched $fetched_node does not run on this system." \
    "Install Node 22.18 or newer and put it first on PATH."
}

# A checkout that cannot be written is copied; the copy is named after its path.
copied_checkout() {
  need_cache
  work=$cache/checkout-$(printf '%s' "$root" | cksum | tr ' ' -)
}

copy_checkout() {
  mkdir -p "$work"
  for copy_item in "$root"/*; do
    case ${copy_item##*/} in node_modules | dist) continue ;; esac
    rm -rf "${work:?}/${copy_item##*/}"
    cp -R -- "$copy_item" "$work/" && chmod -R u+w "$work/${copy_item##*/}" || exit 1
  done
}

# npm writes the hidden lockfile last, so it says when node_modules was complete.
dependencies_fresh() {
  [ -e "$1/node_modules/.package-lock.json" ] &&
    [ -z "$(find "$root/package-lock.json" -newer "$1/node_modules/.package-lock.json" 2>&1)" ]
}

# build_fresh <products>: nothing the build reads is newer than its stamp.
build_fresh() {
  [ -e "$1/dist/cli/main.js" ] && [ -r "$1/dist/.stamp" ] &&
    [ -z "$(find "$root/src" "$root/package.json" "$root/package-lock.json" "$root/tsconfig.json" \
      "$root/tsconfig.build.json" -newer "$1/dist/.stamp" 2>&1)" ]
}

install_dependencies() {
  ! dependencies_fresh "$work" || return 0
  need_npm "The dependencies are missing or out of date"
  step "installing dependencies" npm_in "$work" ci || die "The dependencies could not be installed (npm's words above)." \
    "Check npm's network, proxy and registry settings, then start again."
  touch "$work/node_modules/.package-lock.json"
}

# Built aside and then put in place: a build that fails or is interrupted changes nothing.
build() {
  ! build_fresh "$work" || [ "$(cat "$work/dist/.stamp")" != "$node" ] || return 0
  build_aside=$work/node_modules/.cache/build
  rm -rf "$build_aside"
  mkdir -p "$build_aside/new"
  # Stamped before the compiler reads: what changes meanwhile is newer.
  printf '%s\n' "$node" >"$build_aside/stamp"
  step "building" "$node" "$work/node_modules/typescript/bin/tsc" -p "$work/tsconfig.build.json" \
    --outDir "$build_aside/new" || return 1
  mv "$build_aside/stamp" "$build_aside/new/.stamp"
  [ ! -d "$work/dist" ] || mv "$work/dist" "$build_aside/old" || exit 1
  mv "$build_aside/new" "$work/dist" || exit 1
  rm -rf "$build_aside"
}

# Everything `node dist/cli/main.js` needs.
set_up() {
  [ -w "$root" ] || copied_checkout
  mkdir -p "$work"
  find_node
  lock "$work/.setup.lock"
  if [ "$work" != "$root" ] && ! build_fresh "$work"; then copy_checkout; fi
  install_dependencies
  build || die "The sources do not compile (errors above)." "Correct them, or check out a commit that is sound."
  unlock
}
