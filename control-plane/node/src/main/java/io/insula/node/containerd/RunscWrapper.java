package io.insula.node.containerd;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Locale;

/// The program that runc's shim runs for gVisor: runsc with its network stack chosen, and with what it does otherwise
/// than runc evened out. Stateless.
///
/// - The shim reports a container's end by the end of its first process. gVisor would put all containers of a pod into
///   one process, whose end then is everybody's; not told that there is a pod, it gives each a sandbox of its own. That
///   one has to be told the pod's name, which containers otherwise have from a namespace they join.
/// - What has not started cannot be killed, also where its start failed: it is deleted instead.
/// - What is dead already has to be called so in runc's words.
final class RunscWrapper {

    private RunscWrapper() {}

    static void write(Gvisor.RuncShim gvisor, Path file) throws IOException {
        Files.writeString(file, """
                #!/bin/sh
                # %1$s
                runsc() { "%2$s" --network=%3$s "$@"; }

                alone() {
                  sed -i 's/"io[.]kubernetes[.]cri[.]container-type":"/"insula.io.container-type":"/' "$1"
                  grep -q '"hostname":"' "$1" && return
                  name=$(sed -n 's/.*"HOSTNAME=\\([A-Za-z0-9.-]*\\)".*/\\1/p' "$1")
                  sed -i "s/^{\\"ociVersion\\":\\"[^\\"]*\\",/&\\"hostname\\":\\"$name\\",/" "$1"
                }

                # the same call with another verb and only the container's id
                remove() {
                  verb= left=$#
                  while [ $left -gt 0 ]; do
                    argument=$1 left=$((left - 1))
                    shift
                    case "$verb:$argument" in
                      :start | :kill) verb=found; set -- "$@" delete --force ;;
                      :*) set -- "$@" "$argument" ;;
                      found:-*) ;;
                      found:*) verb=done; set -- "$@" "$argument" ;;
                    esac
                  done
                  runsc "$@" >/dev/null 2>&1
                }

                next= verb=
                for argument in "$@"; do
                  if [ "$next" = bundle ] && [ -f "$argument/config.json" ]; then alone "$argument/config.json"; fi
                  next=
                  case "$argument" in
                    --bundle) next=bundle ;;
                    start | kill) verb=$argument ;;
                  esac
                done
                if [ -z "$verb" ]; then
                  exec "%2$s" --network=%3$s "$@"
                fi
                said=$(runsc "$@" 2>&1) && exit 0
                case "$verb:$said" in
                  kill:*"is not running"*) said="container not running" ;;
                  kill:*"in state created"*) remove "$@" && exit 0 ;;
                  start:*) remove "$@" ;;
                esac
                printf '%%s\\n' "$said" >&2
                exit 1
                """.formatted(
                        gvisor.description().replace('\n', ' '),
                        gvisor.runsc(),
                        gvisor.network().name().toLowerCase(Locale.ROOT)));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}
