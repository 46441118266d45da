package io.insula.controlplane.host;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.api.model.node.v1.RuntimeClass;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.CustomResourceDefinitionContext;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.insula.controlplane.tenant.IsolationProfileResource;
import io.insula.controlplane.tenant.Standing;
import io.insula.isolation.HostManifests;
import io.insula.isolation.Profiles;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.MissingResourceException;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// Puts into a host what Insula needs there. Idempotent; profiles and RuntimeClasses that exist are left as
/// they are, for they are the superuser's to change.
public final class HostSetup {

    private static final Duration ESTABLISHED_WITHIN = Duration.ofSeconds(30);
    private static final String TENANTS = "crds/tenants";
    private static final String INGRESS_HOSTS = "crds/ingresshosts";
    private static final String ISOLATION_PROFILES = "crds/isolationprofiles";
    private static final String SYNCER_ROLES = "rbac/syncer";
    private static final String MACHINES = "kubevirt/virtualmachineinstances";

    private final KubernetesClient host;
    private final Profiles profiles;

    /// @param profiles for which the host is set up
    public HostSetup(KubernetesClient host, Profiles profiles) {
        this.host = host;
        this.profiles = profiles;
    }

    /// Custom resource definitions, what the syncer may do, and default profiles.
    public void install() {
        installDefinition(definition(TENANTS));
        installDefinition(definition(INGRESS_HOSTS));
        installDefinition(withSandboxes(definition(ISOLATION_PROFILES)));
        var standing = new Standing(host);
        host.load(new ByteArrayInputStream(manifest(SYNCER_ROLES).getBytes(StandardCharsets.UTF_8)))
                .items()
                .forEach(standing::ensure);
        HostManifests.profiles(profiles).forEach(tree -> createIfAbsent(convert(tree, IsolationProfileResource.class)));
    }

    /// What a real host cluster gets from gVisor, Kata Containers and KubeVirt themselves.
    public void installRuntimes() {
        HostManifests.runtimeClasses(profiles).forEach(tree -> createIfAbsent(convert(tree, RuntimeClass.class)));
        installDefinition(definition(MACHINES));
    }

    /// As it is packaged.
    public static StorageClass storageClass(String name) {
        return read("storageclasses/" + name, StorageClass.class);
    }

    /// The manifests that [#install] writes, as they are packaged.
    static String manifest(String path) {
        try (InputStream stream = HostSetup.class.getResourceAsStream("/deploy/" + path + ".yaml")) {
            if (stream == null) {
                throw new MissingResourceException(
                        "not packaged: deploy/" + path + ".yaml", HostSetup.class.getName(), path);
            }
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(path, e);
        }
    }

    private static <T> T read(String path, Class<T> type) {
        return Serialization.unmarshal(manifest(path), type);
    }

    private static CustomResourceDefinition definition(String path) {
        return read(path, CustomResourceDefinition.class);
    }

    private <T> T convert(Map<String, Object> tree, Class<T> type) {
        return host.getKubernetesSerialization().convertValue(tree, type);
    }

    /// What is packaged names the sandboxes of its build.
    private CustomResourceDefinition withSandboxes(CustomResourceDefinition definition) {
        var names = profiles.sandboxes().stream()
                .map(sandbox -> (JsonNode) TextNode.valueOf(sandbox.wireName()))
                .toList();
        definition.getSpec().getVersions().forEach(version -> {
            var spec = property(version.getSchema().getOpenAPIV3Schema(), "spec");
            property(spec, "sandbox").setEnum(names);
        });
        return definition;
    }

    private static JSONSchemaProps property(JSONSchemaProps schema, String name) {
        return Objects.requireNonNull(schema.getProperties().get(name), name);
    }

    private void installDefinition(CustomResourceDefinition wanted) {
        String name = wanted.getMetadata().getName();
        var resource = host.resources(CustomResourceDefinition.class).withName(name);
        CustomResourceDefinition current = createIfAbsent(wanted) ? wanted : resource.require();
        if (!current.getSpec().getVersions().equals(wanted.getSpec().getVersions())) {
            resource.edit(existing -> {
                existing.getSpec().setVersions(wanted.getSpec().getVersions());
                return existing;
            });
        }
        awaitServed(wanted);
    }

    /// Established in its status is not enough: the resource must answer.
    private void awaitServed(CustomResourceDefinition definition) {
        var context = CustomResourceDefinitionContext.fromCrd(definition);
        Instant deadline = Instant.now().plus(ESTABLISHED_WITHIN);
        while (true) {
            try {
                List<GenericKubernetesResource> _ = host.genericKubernetesResources(context)
                        .inAnyNamespace()
                        .list()
                        .getItems();
                return;
            } catch (RuntimeException e) {
                if (Instant.now().isAfter(deadline)) {
                    throw new IllegalStateException(
                            definition.getMetadata().getName() + " is not served by the host after "
                                    + ESTABLISHED_WITHIN.toSeconds() + " s",
                            e);
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
            }
        }
    }

    /// @return whether it was created: it may be there already, or be made meanwhile, by somebody else or by a request
    /// of
    ///     ours whose answer was lost
    private boolean createIfAbsent(HasMetadata wanted) {
        var resource = host.resource(wanted);
        if (resource.get() != null) {
            return false;
        }
        try {
            resource.create();
            return true;
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                throw e;
            }
            return false;
        }
    }
}
