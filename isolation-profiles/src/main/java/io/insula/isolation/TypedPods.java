package io.insula.isolation;

import io.fabric8.kubernetes.api.model.AppArmorProfile;
import io.fabric8.kubernetes.api.model.HTTPGetAction;
import io.fabric8.kubernetes.api.model.LifecycleHandler;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.SELinuxOptions;
import io.fabric8.kubernetes.api.model.SeccompProfile;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.TCPSocketAction;
import io.fabric8.kubernetes.api.model.WindowsSecurityContextOptions;
import io.insula.isolation.PodFields.Located;
import io.insula.rules.podsecurity.PodFacts;
import io.insula.rules.podsecurity.PodFacts.Capabilities;
import io.insula.rules.podsecurity.PodFacts.Container;
import io.insula.rules.podsecurity.PodFacts.Field;
import io.insula.rules.podsecurity.PodFacts.SeLinux;
import io.insula.rules.podsecurity.PodFacts.Security;
import io.insula.rules.podsecurity.PodFacts.Volume;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Reads typed pods for the Pod Security Standards.
final class TypedPods {

    private TypedPods() {}

    /// @param known ports of the nodes that count for nothing
    static PodFacts facts(Pod pod, HostPorts known) {
        var spec = PodFields.spec(pod);
        var context = spec.getSecurityContext() == null ? new PodSecurityContext() : spec.getSecurityContext();
        return new PodFacts(
                annotations(pod),
                spec.getOs() == null ? "" : text(spec.getOs().getName()),
                hostNamespaces(spec),
                Boolean.FALSE.equals(spec.getHostUsers()),
                spec.getVolumes().stream()
                        .map(volume -> new Volume(text(volume.getName()), VolumeKinds.types(volume)))
                        .toList(),
                context.getSysctls().stream()
                        .map(sysctl -> text(sysctl.getName()))
                        .toList(),
                security(context),
                PodFields.containers(pod).stream()
                        .map(located -> container(located, known))
                        .toList());
    }

    private static Map<String, String> annotations(Pod pod) {
        var found = new LinkedHashMap<String, String>();
        if (pod.getMetadata() != null && pod.getMetadata().getAnnotations() != null) {
            pod.getMetadata().getAnnotations().forEach((key, value) -> found.put(key, text(value)));
        }
        return found;
    }

    private static List<String> hostNamespaces(PodSpec spec) {
        var found = new ArrayList<String>();
        if (PodFields.isTrue(spec.getHostNetwork())) {
            found.add("hostNetwork");
        }
        if (PodFields.isTrue(spec.getHostPID())) {
            found.add("hostPID");
        }
        if (PodFields.isTrue(spec.getHostIPC())) {
            found.add("hostIPC");
        }
        return List.copyOf(found);
    }

    private static Container container(Located located, HostPorts known) {
        var context = located.security();
        return new Container(
                located.path(),
                text(located.container().getName()),
                security(context),
                PodFields.isTrue(context.getPrivileged()),
                !Boolean.FALSE.equals(context.getAllowPrivilegeEscalation()),
                capabilities(context.getCapabilities()),
                context.getProcMount() == null ? "Default" : context.getProcMount(),
                hostPorts(located.container(), known),
                handlerHosts(located.container()));
    }

    private static Capabilities capabilities(io.fabric8.kubernetes.api.model.@Nullable Capabilities capabilities) {
        return capabilities == null
                ? Capabilities.UNSAID
                : new Capabilities(texts(capabilities.getAdd()), texts(capabilities.getDrop()));
    }

    private static List<Field> hostPorts(io.fabric8.kubernetes.api.model.Container container, HostPorts known) {
        var found = new ArrayList<Field>();
        for (int i = 0; i < container.getPorts().size(); i++) {
            var port = container.getPorts().get(i).getHostPort();
            if (port != null && port != 0 && !known.have(port)) {
                found.add(new Field("ports[" + i + "].hostPort", port.toString()));
            }
        }
        return List.copyOf(found);
    }

    private static List<Field> handlerHosts(io.fabric8.kubernetes.api.model.Container container) {
        var found = new ArrayList<Field>();
        addHosts(found, "livenessProbe", container.getLivenessProbe());
        addHosts(found, "readinessProbe", container.getReadinessProbe());
        addHosts(found, "startupProbe", container.getStartupProbe());
        var lifecycle = container.getLifecycle();
        if (lifecycle != null) {
            addHosts(found, "lifecycle.postStart", lifecycle.getPostStart());
            addHosts(found, "lifecycle.preStop", lifecycle.getPreStop());
        }
        return List.copyOf(found);
    }

    private static void addHosts(List<Field> found, String path, @Nullable Probe probe) {
        if (probe != null) {
            addHosts(found, path, probe.getHttpGet(), probe.getTcpSocket());
        }
    }

    private static void addHosts(List<Field> found, String path, @Nullable LifecycleHandler handler) {
        if (handler != null) {
            addHosts(found, path, handler.getHttpGet(), handler.getTcpSocket());
        }
    }

    private static void addHosts(
            List<Field> found, String path, @Nullable HTTPGetAction get, @Nullable TCPSocketAction socket) {
        if (get != null && !text(get.getHost()).isEmpty()) {
            found.add(new Field(path + ".httpGet.host", get.getHost()));
        }
        if (socket != null && !text(socket.getHost()).isEmpty()) {
            found.add(new Field(path + ".tcpSocket.host", socket.getHost()));
        }
    }

    private static Security security(PodSecurityContext context) {
        return security(
                context.getSeccompProfile(),
                context.getAppArmorProfile(),
                context.getSeLinuxOptions(),
                context.getWindowsOptions(),
                context.getRunAsNonRoot(),
                context.getRunAsUser());
    }

    private static Security security(SecurityContext context) {
        return security(
                context.getSeccompProfile(),
                context.getAppArmorProfile(),
                context.getSeLinuxOptions(),
                context.getWindowsOptions(),
                context.getRunAsNonRoot(),
                context.getRunAsUser());
    }

    private static Security security(
            @Nullable SeccompProfile seccomp,
            @Nullable AppArmorProfile appArmor,
            @Nullable SELinuxOptions seLinux,
            @Nullable WindowsSecurityContextOptions windows,
            @Nullable Boolean runAsNonRoot,
            @Nullable Long runAsUser) {
        return new Security(
                seccomp == null ? null : text(seccomp.getType()),
                appArmor == null ? null : text(appArmor.getType()),
                seLinux(seLinux),
                windows != null && PodFields.isTrue(windows.getHostProcess()),
                runAsNonRoot,
                runAsUser != null && runAsUser == 0);
    }

    private static @Nullable SeLinux seLinux(@Nullable SELinuxOptions options) {
        return options == null
                ? null
                : new SeLinux(text(options.getType()), text(options.getUser()), text(options.getRole()));
    }

    private static List<String> texts(List<String> list) {
        return list.stream().map(TypedPods::text).toList();
    }

    private static String text(@Nullable String text) {
        return text == null ? "" : text;
    }
}
