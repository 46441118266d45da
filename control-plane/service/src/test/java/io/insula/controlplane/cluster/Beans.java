package io.insula.controlplane.cluster;

import io.insula.isolation.Profiles;
import io.insula.syncer.engine.Syncer;
import io.micronaut.context.ApplicationContext;
import java.util.List;

/// What production has, found as it finds it.
public record Beans(Profiles found, List<Syncer<?>> all) {

    private static final Beans LOADED = load();

    public static Profiles profiles() {
        return LOADED.found;
    }

    public static List<Syncer<?>> syncers() {
        return LOADED.all;
    }

    private static Beans load() {
        try (var context = ApplicationContext.run()) {
            return new Beans(
                    context.getBean(Profiles.class),
                    context.streamOfType(Syncer.class)
                            .<Syncer<?>>map(each -> each)
                            .toList());
        }
    }
}
