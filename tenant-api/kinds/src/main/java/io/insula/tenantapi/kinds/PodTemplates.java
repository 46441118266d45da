package io.insula.tenantapi.kinds;

import static io.insula.tenantapi.kinds.Fields.defaultText;
import static io.insula.tenantapi.kinds.Fields.defaultTo;
import static io.insula.tenantapi.kinds.Fields.each;
import static io.insula.tenantapi.kinds.Fields.ifObject;
import static io.insula.tenantapi.kinds.Fields.object;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.view.ContainerView;
import io.insula.tenantapi.view.PodSpecView;
import io.insula.tenantapi.view.WorkloadView;
import java.util.List;

/// Defaults of everything that has a pod in it: Pod itself and the templates of workloads. Changes the trees it is
/// given; idempotent. Source: kubernetes `pkg/apis/core/v1/defaults.go`.
public final class PodTemplates {

    private static final int DEFAULT_MODE = 420;

    private PodTemplates() {}

    /// @param owner the object whose `spec.template` is a pod template; nothing happens where it has none
    public static void applyDefaults(ObjectNode owner) {
        if (WorkloadView.of(owner).podSpec().tree() instanceof ObjectNode spec) {
            applySpecDefaults(spec);
        }
    }

    public static void applySpecDefaults(ObjectNode spec) {
        defaultText(spec, "restartPolicy", "Always");
        defaultText(spec, "dnsPolicy", "ClusterFirst");
        defaultText(spec, "schedulerName", "default-scheduler");
        defaultTo(spec, "terminationGracePeriodSeconds", 30);
        object(spec, "securityContext");
        copyServiceAccount(spec);
        boolean hostNetwork = spec.path("hostNetwork").asBoolean();
        for (ContainerView container : new PodSpecView(spec).containers()) {
            container.edit(tree -> container(tree, hostNetwork));
        }
        each(spec, "volumes", PodTemplates::volume);
        each(spec, "topologySpreadConstraints", c -> {
            defaultTo(c, "nodeAffinityPolicy", "Honor");
            defaultTo(c, "nodeTaintsPolicy", "Ignore");
        });
    }

    /// The pod's own additions: service links and pod-level resources. Templates do not get these upstream.
    public static void applyPodDefaults(ObjectNode spec) {
        applySpecDefaults(spec);
        defaultTo(spec, "enableServiceLinks", true);
        for (ContainerView container : new PodSpecView(spec).startedContainers()) {
            container.edit(PodTemplates::requestsFromLimits);
        }
    }

    /// The deprecated `serviceAccount` mirrors `serviceAccountName`.
    private static void copyServiceAccount(ObjectNode spec) {
        String name = spec.path("serviceAccountName").asText("");
        String old = spec.path("serviceAccount").asText("");
        if (name.isEmpty() && !old.isEmpty()) {
            spec.put("serviceAccountName", old);
        } else if (!name.isEmpty()) {
            spec.put("serviceAccount", name);
        }
    }

    private static void container(ObjectNode container, boolean hostNetwork) {
        defaultText(
                container, "imagePullPolicy", pullPolicy(container.path("image").asText("")));
        defaultText(container, "terminationMessagePath", "/dev/termination-log");
        defaultText(container, "terminationMessagePolicy", "File");
        object(container, "resources");
        each(container, "ports", p -> {
            defaultText(p, "protocol", "TCP");
            if (hostNetwork && p.path("hostPort").asInt() == 0 && p.hasNonNull("containerPort")) {
                p.put("hostPort", p.path("containerPort").asInt());
            }
        });
        each(container, "env", e -> ifObject(e.path("valueFrom"), "fieldRef", f -> defaultText(f, "apiVersion", "v1")));
        for (String probe : List.of("livenessProbe", "readinessProbe", "startupProbe")) {
            ifObject(container, probe, PodTemplates::probe);
        }
        for (String hook : List.of("postStart", "preStop")) {
            ifObject(container.path("lifecycle").path(hook), "httpGet", PodTemplates::httpGet);
        }
    }

    /// `Always` for `latest` and for images without tag or digest. Source: kubernetes `parsers.ParseImageName`.
    static String pullPolicy(String image) {
        if (image.contains("@")) {
            return "IfNotPresent";
        }
        String last = image.substring(image.lastIndexOf('/') + 1);
        int colon = last.indexOf(':');
        return colon < 0 || last.substring(colon + 1).equals("latest") ? "Always" : "IfNotPresent";
    }

    private static void probe(ObjectNode probe) {
        defaultNumber(probe, "timeoutSeconds", 1);
        defaultNumber(probe, "periodSeconds", 10);
        defaultNumber(probe, "successThreshold", 1);
        defaultNumber(probe, "failureThreshold", 3);
        ifObject(probe, "httpGet", PodTemplates::httpGet);
        ifObject(probe, "grpc", g -> defaultTo(g, "service", ""));
    }

    private static void defaultNumber(ObjectNode node, String field, int value) {
        if (node.path(field).asInt() == 0) {
            node.put(field, value);
        }
    }

    private static void httpGet(ObjectNode action) {
        defaultText(action, "path", "/");
        defaultText(action, "scheme", "HTTP");
    }

    private static void volume(ObjectNode volume) {
        if (volume.size() == 1 && volume.has("name")) {
            volume.putObject("emptyDir");
        }
        for (String kind : List.of("secret", "configMap", "downwardAPI", "projected")) {
            ifObject(volume, kind, v -> defaultTo(v, "defaultMode", DEFAULT_MODE));
        }
        downward(volume.path("downwardAPI"));
        ifObject(volume, "hostPath", h -> defaultTo(h, "type", ""));
        each(volume.path("projected"), "sources", s -> {
            ifObject(s, "serviceAccountToken", t -> defaultTo(t, "expirationSeconds", 3600));
            downward(s.path("downwardAPI"));
        });
        ifObject(volume, "iscsi", i -> defaultText(i, "iscsiInterface", "default"));
        ifObject(volume, "rbd", r -> {
            defaultText(r, "pool", "rbd");
            defaultText(r, "user", "admin");
            defaultText(r, "keyring", "/etc/ceph/keyring");
        });
        ifObject(
                volume.path("ephemeral").path("volumeClaimTemplate"),
                "spec",
                claim -> defaultText(claim, "volumeMode", "Filesystem"));
    }

    private static void downward(JsonNode source) {
        each(source, "items", i -> ifObject(i, "fieldRef", f -> defaultText(f, "apiVersion", "v1")));
    }

    /// A limit without a request asks for as much as it allows.
    private static void requestsFromLimits(ObjectNode container) {
        JsonNode limits = container.path("resources").path("limits");
        if (limits.isEmpty()) {
            return;
        }
        ObjectNode requests = object(object(container, "resources"), "requests");
        limits.properties().forEach(l -> {
            if (Fields.isUnset(requests, l.getKey())) {
                requests.set(l.getKey(), l.getValue());
            }
        });
    }
}
