#!/bin/sh
# Installs what is missing of Debian's packages, and lets no server run because of it. A package is given as
# program:package, where any program of that name will do, or else by its name alone.
set -eu

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        echo "install.sh: not root, and no sudo; install these yourself:$missing" >&2
        exit 1
    fi
}

missing=
for need in "$@"; do
    case $need in
        *:*) PATH="$PATH:/usr/sbin:/sbin" command -v "${need%%:*}" >/dev/null || missing="$missing ${need#*:}" ;;
        *) dpkg-query -W -f '${db:Status-Status}\n' "$need" 2>/dev/null | grep -qx installed || missing="$missing $need" ;;
    esac
done
[ -n "$missing" ] || exit 0

echo "install.sh: installing$missing" >&2
# A server must not begin to run on this machine, now or at the next boot, only because we need its program: the
# packages ask this policy before they start anything.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    trap 'as_root rm -f "$policy"' EXIT
    trap 'exit 1' INT TERM
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
    as_root chmod 755 "$policy"
fi
as_root apt-get -qq update
# shellcheck disable=SC2086 # one word each
as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends $missing >&2
if [ -d /run/systemd/system ]; then
    for package in $missing; do
        case $package in prosody | ejabberd) as_root systemctl disable --now "$package" >&2 || true ;; esac
    done
fi
