package io.insula.tenantapi.registry;

import io.insula.tenantapi.api.GroupVersionKind;
import java.util.List;
import java.util.Set;

/// One subresource of a kind: what discovery says of it, who answers it, and what a write through it stores. The engine
/// asks for these and never for the name. Immutable.
///
/// @param kind what it takes and gives, e.g. autoscaling/v1 Scale
/// @param verbs what discovery lists, e.g. get, patch, update
/// @param counted whether a change of the spec through it counts in metadata.generation
public record Subresource(String name, GroupVersionKind kind, Set<String> verbs, Effect effect, boolean counted) {

    public Subresource {
        verbs = Set.copyOf(verbs);
    }

    /// What happens at a URL below an object.
    public sealed interface Effect {

        /// The main resource, which is no subresource: all is stored but `status`, where that is kept apart.
        record Main() implements Effect {}

        /// `status` is stored.
        ///
        /// @param metadata which of [#METADATA] are stored with it
        record Status(Set<String> metadata) implements Effect {

            /// What a kind may let through with its status.
            public static final Set<String> METADATA = Set.of("annotations", "labels");

            public Status {
                metadata = Set.copyOf(metadata);
                if (!METADATA.containsAll(metadata)) {
                    throw new IllegalArgumentException("status stores no " + metadata + " (known: " + METADATA + ")");
                }
            }
        }

        /// The object is shown as a `Scale`, whose replicas are stored.
        record Scale() implements Effect {}

        /// One field is stored.
        ///
        /// @param path field names from the object's root
        record Field(List<String> path) implements Effect {
            public Field {
                path = List.copyOf(path);
            }
        }

        /// The kind answers ([StoredKind#subresource]) and stores what it likes of the object.
        record OfKind() implements Effect {}

        /// The kind answers, and the object stays as it is.
        record Virtual() implements Effect {}

        /// Another server is reached through the object.
        record Connection(Use use) implements Effect {}
    }

    /// How a connection is used.
    public enum Use {
        /// Bytes both ways (exec, attach, port-forward), which admission is asked about.
        STREAM,
        /// Requests of any method.
        PROXY,
        /// What can only be read (logs).
        READ
    }

    static final Effect MAIN = new Effect.Main();

    /// One that the kind answers.
    public static Subresource of(String name, GroupVersionKind kind, String... verbs) {
        return new Subresource(name, kind, Set.of(verbs), new Effect.OfKind(), true);
    }

    public static Subresource connection(Use use, String name, GroupVersionKind options, String... verbs) {
        return new Subresource(name, options, Set.of(verbs), new Effect.Connection(use), false);
    }

    static Subresource status(GroupVersionKind kind, Set<String> metadata) {
        return new Subresource("status", kind, Set.of("get", "patch", "update"), new Effect.Status(metadata), false);
    }

    static Subresource scale() {
        return new Subresource("scale", Scales.KIND, Set.of("get", "patch", "update"), new Effect.Scale(), true);
    }

    /// The same, through which the engine stores one field and nothing else.
    public Subresource storing(String... path) {
        return new Subresource(name, kind, verbs, new Effect.Field(List.of(path)), counted);
    }

    /// The same, whose answer leaves the object as it is.
    public Subresource storingNothing() {
        return new Subresource(name, kind, verbs, new Effect.Virtual(), false);
    }

    /// The same, whose changes of the spec nobody asked for as such.
    public Subresource uncounted() {
        return new Subresource(name, kind, verbs, effect, false);
    }

    /// Whether the kind answers, or somebody behind it, and not the engine.
    boolean isSpecial() {
        return switch (effect) {
            case Effect.Main _, Effect.Status _, Effect.Scale _, Effect.Field _ -> false;
            case Effect.OfKind _, Effect.Virtual _, Effect.Connection _ -> true;
        };
    }
}
