package io.insula.syncer.kinds;

import io.insula.isolation.ProfileSettings;
import io.insula.isolation.Profiles;
import io.insula.syncer.engine.Syncer;
import io.micronaut.context.ApplicationContext;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/// What production has, found as it finds it: what is no bean there is tested nowhere. Also for the control plane's
/// tests.
public record Beans(Profiles found, List<Syncer<?>> all) {

    private static final Beans LOADED = load();

    public static Profiles profiles() {
        return LOADED.found;
    }

    /// A profile of this sandbox, with its name and defaults.
    public static ProfileSettings settings(String sandbox) {
        return profiles().settings(sandbox, Map.of("sandbox", sandbox));
    }

    /// In the order of their names, so that what is recorded of them has one.
    public static List<Syncer<?>> syncers() {
        return LOADED.all;
    }

    private static Beans load() {
        try (var context = ApplicationContext.run()) {
            return new Beans(context.getBean(Profiles.class), syncers(context));
        }
    }

    static List<Syncer<?>> syncers(ApplicationContext context) {
        return context.streamOfType(Syncer.class)
                .<Syncer<?>>map(each -> each)
                .sorted(Comparator.comparing(each -> each.spec().name()))
                .toList();
    }
}
