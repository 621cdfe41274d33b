#!/usr/bin/env bash
# The launcher: sets up and builds what is missing, once, then runs the program. All arguments go to it.
set -uo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
. "$here/eng/bootstrap.sh"
setup
[ "${1:-}" = bench ] && { (setup_peers) || say "going on without peers"; }
build src/Opal.Cli/Opal.Cli.csproj build-opal
exec "$here/src/Opal.Cli/bin/Release/net10.0/opal" "$@"
