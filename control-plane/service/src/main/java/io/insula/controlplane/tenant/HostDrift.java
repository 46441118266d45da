package io.insula.controlplane.tenant;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.LimitRange;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingAdmissionPolicy;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingAdmissionPolicyBinding;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.node.v1.RuntimeClass;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import io.fabric8.kubernetes.api.model.scheduling.v1.PriorityClass;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;

/// Watches what stands on the host around tenants, and what it is made from, and tells whose must be looked at again.
/// Changes of a status are nobody's business: a quota's comes with every pod. Thread-safe.
final class HostDrift implements AutoCloseable {

    private final KubernetesClient host;
    private final Consumer<String> ofTenant;
    private final Runnable ofAll;
    private final List<SharedIndexInformer<?>> informers = new ArrayList<>();

    /// Starts watching; returns at once.
    ///
    /// @param ofTenant told the name of a tenant
    /// @param ofAll told of what concerns every tenant; must not block
    HostDrift(KubernetesClient host, Consumer<String> ofTenant, Runnable ofAll) {
        this.host = host;
        this.ofTenant = ofTenant;
        this.ofAll = ofAll;
        each(Namespace.class, Tenancy.TENANT_LABEL, _ -> "");
        each(ResourceQuota.class, HostLabels.MANAGED_BY, ResourceQuota::getSpec);
        each(LimitRange.class, HostLabels.MANAGED_BY, LimitRange::getSpec);
        each(NetworkPolicy.class, HostLabels.MANAGED_BY + "=" + HostLabels.CONTROL_PLANE, NetworkPolicy::getSpec);
        each(Role.class, HostLabels.MANAGED_BY, Role::getRules);
        each(RoleBinding.class, HostLabels.MANAGED_BY, binding -> List.of(binding.getRoleRef(), binding.getSubjects()));
        all(ValidatingAdmissionPolicy.class, HostLabels.MANAGED_BY, ValidatingAdmissionPolicy::getSpec);
        all(ValidatingAdmissionPolicyBinding.class, HostLabels.MANAGED_BY, ValidatingAdmissionPolicyBinding::getSpec);
        all(IsolationProfileResource.class, "", IsolationProfileResource::getSpec);
        all(RuntimeClass.class, "", runtime -> String.valueOf(runtime.getScheduling()));
        all(
                PriorityClass.class,
                "",
                priority -> List.of(String.valueOf(priority.getGlobalDefault()), priority.getValue()));
    }

    @Override
    public void close() {
        informers.forEach(SharedIndexInformer::close);
    }

    private <T extends HasMetadata> void each(Class<T> type, String label, Function<T, Object> content) {
        watch(type, label, content, object -> {
            var tenant = HostNamespaces.tenantOf(object);
            if (!tenant.isEmpty()) {
                ofTenant.accept(tenant);
            }
        });
    }

    private <T extends HasMetadata> void all(Class<T> type, String label, Function<T, Object> content) {
        watch(type, label, content, _ -> ofAll.run());
    }

    private <T extends HasMetadata> void watch(
            Class<T> type, String label, Function<T, Object> content, Consumer<T> tell) {
        var all = namespaced(type) ? host.resources(type).inAnyNamespace() : host.resources(type);
        var informer = (label.isEmpty() ? all : all.withLabelSelector(label)).runnableInformer(0);
        informer.exceptionHandler((_, _) -> true);
        informer.addEventHandler(new Differences<T>(
                (before, object) -> isSame(content, before, object),
                (before, object) -> tellBoth(tell, before, object)));
        var started = informer.start();
        started.exceptionally(_ -> null);
        informers.add(informer);
    }

    private static boolean namespaced(Class<?> type) {
        return io.fabric8.kubernetes.api.model.Namespaced.class.isAssignableFrom(type);
    }

    private static <T extends HasMetadata> boolean isSame(Function<T, Object> content, T before, T object) {
        return Objects.equals(content.apply(before), content.apply(object))
                && Objects.equals(
                        before.getMetadata().getLabels(), object.getMetadata().getLabels())
                && Objects.equals(
                        before.getMetadata().getAnnotations(),
                        object.getMetadata().getAnnotations());
    }

    /// It may have been another tenant's.
    private static <T> void tellBoth(Consumer<T> tell, T before, T object) {
        if (!before.equals(object)) {
            tell.accept(before);
        }
        tell.accept(object);
    }
}
