"""Installs a Debian or Ubuntu package without letting it start, or leave enabled, a system-wide service."""

import os
import shutil
import subprocess
import sys

from deploy.local.process import LocalSetupError

# Runs as root. The lock keeps two installs of ours from seeing each other's policy file.
# Whatever is put in place for the time of the install is taken away again on every way out.
INSTALL_SCRIPT = r"""
set -eu
export DEBIAN_FRONTEND=noninteractive LC_ALL=C
exec 9>/run/appealloop-install.lock
flock 9
package=$1
shift

policy=/usr/sbin/policy-rc.d
saved_policy=$policy.before-appealloop
cluster_settings=/etc/postgresql-common/createcluster.d
no_cluster=$cluster_settings/appealloop-install.conf

restore() {
    rm -f "$policy" "$no_cluster"
    [ ! -e "$saved_policy" ] || mv "$saved_policy" "$policy"
    [ ! -d "$cluster_settings" ] || rmdir --ignore-fail-on-non-empty "$cluster_settings"
}
trap restore EXIT
trap 'exit 1' HUP INT TERM

[ -e "$saved_policy" ] || [ ! -e "$policy" ] || mv "$policy" "$saved_policy"
printf '#!/bin/sh\nexit 101\n' > "$policy"
chmod 755 "$policy"
if [ "$package" = postgresql ]; then
    mkdir -p "$cluster_settings"
    printf 'create_main_cluster = false\n' > "$no_cluster"
fi

new_units=
for unit in "$@"; do
    [ -e "/lib/systemd/system/$unit" ] || new_units="$new_units $unit"
done
apt-get -q -o DPkg::Lock::Timeout=300 update
apt-get -q -o DPkg::Lock::Timeout=300 install -y --no-install-recommends "$package"
if command -v systemctl > /dev/null; then
    for unit in $new_units; do
        [ ! -e "/lib/systemd/system/$unit" ] || systemctl disable --quiet "$unit"
    done
fi
"""


def install(package: str, units: tuple[str, ...] = ()) -> None:
    """Install `package` with apt-get, as root or through sudo.

    No service of the package is started, and those of its systemd `units` that are new here are
    left disabled, so that the next boot does not start them either. Says in one line on standard
    error what it does. Raises LocalSetupError if this user cannot install, or apt-get fails.
    """
    if shutil.which("apt-get") is None:
        raise LocalSetupError(f"{package} is not installed and there is no apt-get here to install it with")
    print(f"installing the package {package} with apt-get ...", file=sys.stderr, flush=True)
    command = [*_as_root(package), "sh", "-c", INSTALL_SCRIPT, "install", package, *units]
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if result.returncode != 0:
        lines = result.stdout.strip().splitlines() or [f"exit status {result.returncode}"]
        errors = [line for line in lines if line.startswith("E: ")]
        raise LocalSetupError(f"apt-get could not install {package}: {(errors or lines)[-1]}")


def _as_root(package: str) -> list[str]:
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") is None:
        raise LocalSetupError(f"{package} is not installed: run as root, or `apt-get install {package}` first")
    return ["sudo"] if sys.stdin.isatty() else ["sudo", "-n"]
