package io.insula.tenantapi.admission.plugins;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.rules.keys.WellKnownKeys;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.registry.AdmissionPlugin;
import io.insula.tenantapi.view.ContainerView;
import io.insula.tenantapi.view.PodSpecView;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/// Gives every pod a service account, its pull secrets and, unless declined, a volume with a token, the server's
/// authority and the namespace.
///
/// Source: kubernetes/plugin/pkg/admission/serviceaccount.
@Singleton
final class ServiceAccount implements AdmissionPlugin.Mutating {

    private static final GroupVersionResource ACCOUNTS = Requests.core("serviceaccounts");
    private static final String DEFAULT = "default";
    private static final String VOLUME_PREFIX = "kube-api-access-";
    private static final String MOUNT_PATH = "/var/run/secrets/kubernetes.io/serviceaccount";
    /// Not quite an hour, by which the server knows tokens of this volume.
    private static final int TOKEN_SECONDS = 3607;

    /// A namespace's default account is made by a controller: a pod that comes right after its namespace waits for it.
    private static final int ATTEMPTS = 10;

    private static final Duration PAUSE = Duration.ofMillis(150);
    private static final String ALPHABET = "bcdfghjklmnpqrstvwxz2456789";

    @Override
    public PluginSpec spec() {
        return new PluginSpec("ServiceAccount", 40, Set.of(Operation.CREATE));
    }

    @Override
    public void admit(Request request) {
        if (!Requests.isPodCreate(request)) {
            return;
        }
        ObjectNode spec = Requests.spec(request);
        if (Meta.annotations(Requests.object(request)).containsKey(WellKnownKeys.MIRROR_POD)) {
            checkMirror(request, spec);
            return;
        }
        String name = spec.path("serviceAccountName").asText("");
        if (name.isEmpty()) {
            name = DEFAULT;
        }
        spec.put("serviceAccountName", name).put("serviceAccount", name);
        String wanted = name;
        ObjectNode account = find(request, wanted)
                .orElseThrow(() -> Requests.forbidden(
                        request,
                        "error looking up service account " + request.namespace() + "/" + wanted + ": serviceaccount \""
                                + wanted + "\" not found"));
        if (automounts(account, spec)) {
            mountToken(spec);
        }
        if (spec.path("imagePullSecrets").isEmpty()
                && !account.path("imagePullSecrets").isEmpty()) {
            spec.set("imagePullSecrets", account.path("imagePullSecrets").deepCopy());
        }
    }

    private static void checkMirror(Request request, ObjectNode spec) {
        if (!spec.path("serviceAccountName").asText("").isEmpty()) {
            throw Requests.forbidden(request, "a mirror pod may not reference service accounts");
        }
    }

    private static Optional<ObjectNode> find(Request request, String name) {
        int attempts = name.equals(DEFAULT) ? ATTEMPTS : 1;
        for (int attempt = 1; ; attempt++) {
            Optional<ObjectNode> account = request.client()
                    .recent()
                    .get(ACCOUNTS, request.namespace(), name)
                    .or(() -> request.client().get(ACCOUNTS, request.namespace(), name));
            if (account.isPresent() || attempt == attempts || !pause()) {
                return account;
            }
        }
    }

    private static boolean pause() {
        try {
            Thread.sleep(PAUSE);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /// The pod's wish, else the account's, else yes.
    private static boolean automounts(JsonNode account, JsonNode spec) {
        String field = "automountServiceAccountToken";
        JsonNode wish = spec.hasNonNull(field) ? spec.path(field) : account.path(field);
        return wish.asBoolean(true);
    }

    private static void mountToken(ObjectNode spec) {
        var names = new HashSet<String>();
        String existing = "";
        for (JsonNode volume : new PodSpecView(spec).volumes()) {
            String name = volume.path("name").asText();
            names.add(name);
            if (existing.isEmpty() && name.startsWith(VOLUME_PREFIX)) {
                existing = name;
            }
        }
        String name = existing.isEmpty() ? newName(names) : existing;
        boolean needed = false;
        for (ContainerView container : new PodSpecView(spec).startedContainers()) {
            needed |= mount(container, name);
        }
        if (needed && existing.isEmpty()) {
            spec.withArrayProperty("volumes").add(volume(name));
        }
    }

    /// Answers whether the container lacked the mount.
    private static boolean mount(ContainerView container, String volume) {
        boolean mounted = container
                .tree()
                .path("volumeMounts")
                .valueStream()
                .anyMatch(mount -> mount.path("mountPath").asText().equals(MOUNT_PATH));
        if (!mounted) {
            container.edit(tree -> tree.withArrayProperty("volumeMounts")
                    .addObject()
                    .put("mountPath", MOUNT_PATH)
                    .put("name", volume)
                    .put("readOnly", true));
        }
        return !mounted;
    }

    private static ObjectNode volume(String name) {
        ObjectNode volume = Json.object().put("name", name);
        ObjectNode projected = volume.putObject("projected").put("defaultMode", 0644);
        var sources = projected.putArray("sources");
        sources.addObject()
                .putObject("serviceAccountToken")
                .put("expirationSeconds", TOKEN_SECONDS)
                .put("path", "token");
        ObjectNode authority = sources.addObject().putObject("configMap");
        authority.putArray("items").addObject().put("key", "ca.crt").put("path", "ca.crt");
        authority.put("name", "kube-root-ca.crt");
        ObjectNode item =
                sources.addObject().putObject("downwardAPI").putArray("items").addObject();
        item.putObject("fieldRef").put("apiVersion", "v1").put("fieldPath", "metadata.namespace");
        item.put("path", "namespace");
        return volume;
    }

    private static String newName(Set<String> taken) {
        Random random = ThreadLocalRandom.current();
        while (true) {
            var name = new StringBuilder(VOLUME_PREFIX);
            for (int i = 0; i < 5; i++) {
                name.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
            }
            if (!taken.contains(name.toString())) {
                return name.toString();
            }
        }
    }
}
