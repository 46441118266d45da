package io.insula.isolation;

import io.micronaut.context.ApplicationContext;

/// What production has, found as it finds it: what is no bean there is tested nowhere.
final class Beans {

    private static final Profiles PROFILES = load();

    private Beans() {}

    static Profiles profiles() {
        return PROFILES;
    }

    private static Profiles load() {
        try (var context = ApplicationContext.run()) {
            return context.getBean(Profiles.class);
        }
    }
}
