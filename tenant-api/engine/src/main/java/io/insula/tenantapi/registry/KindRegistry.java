package io.insula.tenantapi.registry;

import io.insula.tenantapi.api.GroupVersionKind;
import io.insula.tenantapi.api.GroupVersionResource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Every kind that one server serves: the built-in ones, fixed at construction, and the custom ones, which come and go
/// with CustomResourceDefinitions.
///
/// Thread-safe: readers hold an immutable image; writers are serialized.
public final class KindRegistry {

    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private volatile Image image;

    /// @throws IllegalStateException when two kinds claim one resource or one kind name
    public KindRegistry(Collection<ResourceKind> builtIn) {
        image = Image.of(List.copyOf(builtIn), Map.of());
    }

    public Optional<ResourceKind> find(GroupVersionResource resource) {
        return Optional.ofNullable(image.byResource.get(resource));
    }

    public Optional<ResourceKind> find(GroupVersionKind kind) {
        return Optional.ofNullable(image.byKind.get(kind));
    }

    /// Built-in and custom, in no particular order.
    public List<ResourceKind> all() {
        return image.all;
    }

    /// The other resources that are stored where this one is: other versions of a custom resource, both event groups,
    /// both autoscalers. None for what is not served.
    public List<GroupVersionResource> sharingStorage(GroupVersionResource resource) {
        return image.sharing.getOrDefault(resource, List.of());
    }

    /// Whether any kind of this group and version is served.
    public boolean serves(String group, String version) {
        return image.all.stream()
                .map(k -> k.spec().kind())
                .anyMatch(k -> k.group().equals(group) && k.version().equals(version));
    }

    public boolean servesGroup(String group) {
        return image.all.stream().anyMatch(k -> k.spec().kind().group().equals(group));
    }

    /// Replaces everything that `definition` (the name of a CustomResourceDefinition) serves; nothing for an empty
    /// list. Listeners hear of it before this returns.
    public void setCustom(String definition, List<ResourceKind> kinds) {
        change(custom -> {
            if (kinds.isEmpty()) {
                custom.remove(definition);
            } else {
                custom.put(definition, List.copyOf(kinds));
            }
            return custom;
        });
    }

    /// Runs `listener` after each change of the custom kinds, on the thread that made it; it must be quick.
    public void onChange(Runnable listener) {
        listeners.add(listener);
    }

    private void change(UnaryOperator<Map<String, List<ResourceKind>>> edit) {
        synchronized (this) {
            image = Image.of(image.builtIn, edit.apply(new HashMap<>(image.custom)));
        }
        listeners.forEach(Runnable::run);
    }

    private record Image(
            List<ResourceKind> builtIn,
            Map<String, List<ResourceKind>> custom,
            List<ResourceKind> all,
            Map<GroupVersionResource, ResourceKind> byResource,
            Map<GroupVersionKind, ResourceKind> byKind,
            Map<GroupVersionResource, List<GroupVersionResource>> sharing) {

        static Image of(List<ResourceKind> builtIn, Map<String, List<ResourceKind>> custom) {
            var all = new ArrayList<>(builtIn);
            custom.values().forEach(all::addAll);
            var byResource = new HashMap<GroupVersionResource, ResourceKind>();
            var byKind = new HashMap<GroupVersionKind, ResourceKind>();
            for (ResourceKind kind : all) {
                KindSpec spec = kind.spec();
                refuseTwice(byResource.put(spec.gvr(), kind), kind, spec.gvr());
                refuseTwice(byKind.put(spec.kind(), kind), kind, spec.kind());
            }
            return new Image(
                    builtIn,
                    Map.copyOf(custom),
                    List.copyOf(all),
                    Map.copyOf(byResource),
                    Map.copyOf(byKind),
                    sharing(all));
        }

        private static Map<GroupVersionResource, List<GroupVersionResource>> sharing(List<ResourceKind> all) {
            var byPath = all.stream()
                    .filter(StoredKind.class::isInstance)
                    .map(ResourceKind::spec)
                    .collect(Collectors.groupingBy(
                            KindSpec::storagePath, Collectors.mapping(KindSpec::gvr, Collectors.toList())));
            var sharing = new HashMap<GroupVersionResource, List<GroupVersionResource>>();
            byPath.values().stream()
                    .filter(together -> together.size() > 1)
                    .forEach(together -> together.forEach(one -> sharing.put(
                            one,
                            together.stream()
                                    .filter(other -> !other.equals(one))
                                    .toList())));
            return Map.copyOf(sharing);
        }

        private static void refuseTwice(@Nullable ResourceKind other, ResourceKind kind, Object name) {
            if (other != null) {
                throw new IllegalStateException("two kinds claim " + name + ": "
                        + other.getClass().getName() + " and "
                        + kind.getClass().getName());
            }
        }
    }
}
