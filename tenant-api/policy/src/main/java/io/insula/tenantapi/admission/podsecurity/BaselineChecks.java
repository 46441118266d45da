package io.insula.tenantapi.admission.podsecurity;

import static io.insula.tenantapi.admission.podsecurity.PodParts.containers;
import static io.insula.tenantapi.admission.podsecurity.PodParts.name;
import static io.insula.tenantapi.admission.podsecurity.PodParts.names;
import static io.insula.tenantapi.admission.podsecurity.PodParts.plural;
import static io.insula.tenantapi.admission.podsecurity.PodParts.quoted;
import static io.insula.tenantapi.admission.podsecurity.PodParts.security;
import static io.insula.tenantapi.admission.podsecurity.PodParts.setters;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.admission.podsecurity.PodCheck.Violation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/// What no ordinary pod may do: the baseline level. Source: Kubernetes documentation, "Pod Security Standards".
final class BaselineChecks {

    static final List<PodCheck> ALL = List.of(
            new PodCheck("appArmorProfile", BaselineChecks::appArmor),
            new PodCheck("capabilities_baseline", BaselineChecks::capabilities),
            new PodCheck("hostNamespaces", BaselineChecks::hostNamespaces),
            new PodCheck("hostPathVolumes", BaselineChecks::hostPaths),
            new PodCheck("hostPorts", BaselineChecks::hostPorts),
            new PodCheck("hostProbesAndHostLifecycle", BaselineChecks::probeHosts),
            new PodCheck("privileged", BaselineChecks::privileged),
            new PodCheck("procMount", BaselineChecks::procMount),
            new PodCheck("seLinuxOptions", BaselineChecks::seLinux),
            new PodCheck("seccompProfile_baseline", BaselineChecks::seccomp),
            new PodCheck("sysctls", BaselineChecks::sysctls),
            new PodCheck("windowsHostProcess", BaselineChecks::hostProcess));

    private static final Set<String> CAPABILITIES = Set.of(
            "AUDIT_WRITE",
            "CHOWN",
            "DAC_OVERRIDE",
            "FOWNER",
            "FSETID",
            "KILL",
            "MKNOD",
            "NET_BIND_SERVICE",
            "SETFCAP",
            "SETGID",
            "SETPCAP",
            "SETUID",
            "SYS_CHROOT");
    private static final Set<String> SYSCTLS = Set.of(
            "kernel.shm_rmid_forced",
            "net.ipv4.ip_local_port_range",
            "net.ipv4.ip_local_reserved_ports",
            "net.ipv4.ip_unprivileged_port_start",
            "net.ipv4.ping_group_range",
            "net.ipv4.tcp_fin_timeout",
            "net.ipv4.tcp_keepalive_intvl",
            "net.ipv4.tcp_keepalive_probes",
            "net.ipv4.tcp_keepalive_time",
            "net.ipv4.tcp_rmem",
            "net.ipv4.tcp_syncookies",
            "net.ipv4.tcp_wmem");
    private static final Set<String> SELINUX_TYPES =
            Set.of("", "container_t", "container_init_t", "container_kvm_t", "container_engine_t");
    private static final String APPARMOR = "container.apparmor.security.beta.kubernetes.io/";

    private BaselineChecks() {}

    private static Optional<Violation> hostNamespaces(JsonNode metadata, JsonNode spec) {
        List<String> used = Stream.of("hostNetwork", "hostPID", "hostIPC")
                .filter(field -> spec.path(field).asBoolean())
                .map(field -> field + "=true")
                .toList();
        return used.isEmpty() ? Optional.empty() : Violation.of("host namespaces", String.join(", ", used));
    }

    private static Optional<Violation> privileged(JsonNode metadata, JsonNode spec) {
        List<String> bad = names(spec, c -> security(c).path("privileged").asBoolean());
        return setters(false, bad)
                .map(who -> new Violation("privileged", who + " must not set securityContext.privileged=true"));
    }

    private static Optional<Violation> capabilities(JsonNode metadata, JsonNode spec) {
        var forbidden = new TreeSet<String>();
        List<String> bad = names(spec, c -> addsBeyond(c, CAPABILITIES, forbidden));
        return setters(false, bad)
                .map(who -> new Violation(
                        "non-default capabilities",
                        who + " must not include " + quoted(forbidden) + " in securityContext.capabilities.add"));
    }

    /// Collects into `forbidden` what the container adds beyond `allowed`.
    static boolean addsBeyond(JsonNode container, Set<String> allowed, Set<String> forbidden) {
        List<String> beyond = security(container)
                .path("capabilities")
                .path("add")
                .valueStream()
                .map(JsonNode::asText)
                .filter(capability -> !allowed.contains(capability))
                .toList();
        forbidden.addAll(beyond);
        return !beyond.isEmpty();
    }

    private static Optional<Violation> hostPaths(JsonNode metadata, JsonNode spec) {
        List<String> bad = spec.path("volumes")
                .valueStream()
                .filter(volume -> volume.hasNonNull("hostPath"))
                .map(PodParts::name)
                .toList();
        return bad.isEmpty()
                ? Optional.empty()
                : Violation.of("hostPath volumes", plural("volume", bad.size()) + " " + quoted(bad));
    }

    private static Optional<Violation> hostPorts(JsonNode metadata, JsonNode spec) {
        var bad = new ArrayList<String>();
        var ports = new TreeSet<Integer>();
        containers(spec).forEach(container -> {
            List<Integer> used = container
                    .path("ports")
                    .valueStream()
                    .map(port -> port.path("hostPort").asInt())
                    .filter(port -> port != 0)
                    .toList();
            if (!used.isEmpty()) {
                bad.add(name(container));
                ports.addAll(used);
            }
        });
        String list = String.join(", ", ports.stream().map(String::valueOf).toList());
        return bad.isEmpty()
                ? Optional.empty()
                : Violation.of(
                        "hostPort",
                        containers(bad) + (bad.size() == 1 ? " uses " : " use ") + plural("hostPort", ports.size())
                                + " " + list);
    }

    private static Optional<Violation> probeHosts(JsonNode metadata, JsonNode spec) {
        var bad = new ArrayList<String>();
        var hosts = new TreeSet<String>();
        containers(spec).forEach(container -> {
            List<String> used = Stream.of(
                            container.path("livenessProbe"),
                            container.path("readinessProbe"),
                            container.path("startupProbe"),
                            container.path("lifecycle").path("postStart"),
                            container.path("lifecycle").path("preStop"))
                    .flatMap(handler -> Stream.of(handler.path("httpGet"), handler.path("tcpSocket")))
                    .map(action -> action.path("host").asText(""))
                    .filter(host -> !host.isEmpty())
                    .toList();
            if (!used.isEmpty()) {
                bad.add(name(container));
                hosts.addAll(used);
            }
        });
        return bad.isEmpty()
                ? Optional.empty()
                : Violation.of(
                        "probe or lifecycle host",
                        containers(bad) + (bad.size() == 1 ? " uses " : " use ") + "probe or lifecycle "
                                + plural("host", hosts.size()) + " " + quoted(hosts));
    }

    private static Optional<Violation> procMount(JsonNode metadata, JsonNode spec) {
        var types = new TreeSet<String>();
        List<String> bad = names(spec, c -> {
            String type = security(c).path("procMount").asText("Default");
            if (type.equals("Default")) {
                return false;
            }
            types.add(type);
            return true;
        });
        return setters(false, bad)
                .map(who -> new Violation(
                        "procMount", who + " must not set securityContext.procMount to " + quoted(types)));
    }

    private static Optional<Violation> seccomp(JsonNode metadata, JsonNode spec) {
        boolean pod = isUnconfined(spec);
        return setters(pod, names(spec, BaselineChecks::isUnconfined))
                .map(who -> new Violation(
                        "seccompProfile", who + " must not set securityContext.seccompProfile.type to \"Unconfined\""));
    }

    static boolean isUnconfined(JsonNode podOrContainer) {
        return security(podOrContainer)
                .path("seccompProfile")
                .path("type")
                .asText("")
                .equals("Unconfined");
    }

    private static Optional<Violation> sysctls(JsonNode metadata, JsonNode spec) {
        List<String> bad = security(spec)
                .path("sysctls")
                .valueStream()
                .map(PodParts::name)
                .filter(sysctl -> !SYSCTLS.contains(sysctl))
                .toList();
        return bad.isEmpty() ? Optional.empty() : Violation.of("forbidden sysctls", String.join(", ", bad));
    }

    private static Optional<Violation> hostProcess(JsonNode metadata, JsonNode spec) {
        return setters(runsAsHostProcess(spec), names(spec, BaselineChecks::runsAsHostProcess))
                .map(who -> new Violation(
                        "hostProcess", who + " must not set securityContext.windowsOptions.hostProcess=true"));
    }

    private static boolean runsAsHostProcess(JsonNode podOrContainer) {
        return security(podOrContainer)
                .path("windowsOptions")
                .path("hostProcess")
                .asBoolean();
    }

    private static Optional<Violation> seLinux(JsonNode metadata, JsonNode spec) {
        var found = new TreeSet<String>();
        boolean pod = hasForbiddenSeLinux(spec, found);
        List<String> bad = names(spec, container -> hasForbiddenSeLinux(container, found));
        return setters(pod, bad)
                .map(who -> new Violation(
                        "seLinuxOptions",
                        who + " set forbidden securityContext.seLinuxOptions: " + String.join("; ", found)));
    }

    private static boolean hasForbiddenSeLinux(JsonNode podOrContainer, Set<String> found) {
        JsonNode options = security(podOrContainer).path("seLinuxOptions");
        var here = new ArrayList<String>();
        String type = options.path("type").asText("");
        if (!SELINUX_TYPES.contains(type)) {
            here.add("type \"" + type + "\"");
        }
        for (String field : List.of("user", "role")) {
            if (!options.path(field).asText("").isEmpty()) {
                here.add(field + " may not be set");
            }
        }
        found.addAll(here);
        return !here.isEmpty();
    }

    private static Optional<Violation> appArmor(JsonNode metadata, JsonNode spec) {
        var details = new ArrayList<String>();
        setters(hasForbiddenAppArmor(spec), names(spec, BaselineChecks::hasForbiddenAppArmor))
                .ifPresent(who -> details.add(who + " must not set AppArmor profile type to \"Unconfined\""));
        metadata.path("annotations").properties().forEach(entry -> {
            String profile = entry.getValue().asText();
            boolean allowed =
                    profile.isEmpty() || profile.equals("runtime/default") || profile.startsWith("localhost/");
            if (entry.getKey().startsWith(APPARMOR) && !allowed) {
                details.add(entry.getKey() + "=\"" + profile + "\"");
            }
        });
        return details.isEmpty()
                ? Optional.empty()
                : Violation.of(plural("forbidden AppArmor profile", details.size()), String.join(", ", details));
    }

    private static boolean hasForbiddenAppArmor(JsonNode podOrContainer) {
        String type =
                security(podOrContainer).path("appArmorProfile").path("type").asText("");
        return !Set.of("", "RuntimeDefault", "Localhost").contains(type);
    }
}
