package io.insula.isolation;

import io.insula.isolation.Sandbox.Form;
import io.micronaut.context.ApplicationContext;
import java.util.List;

/// What production has, found as it finds it: what is no bean there is tested nowhere.
final class Beans {

    private static final Profiles PROFILES = load();

    private Beans() {}

    static Profiles profiles() {
        return PROFILES;
    }

    static List<Sandbox> sandboxes() {
        return PROFILES.sandboxes();
    }

    static List<Sandbox> sandboxesOfPods() {
        return sandboxes().stream()
                .filter(sandbox -> sandbox.form() == Form.POD)
                .toList();
    }

    static Sandbox sandbox(String wireName) {
        return sandboxes().stream()
                .filter(sandbox -> sandbox.wireName().equals(wireName))
                .findFirst()
                .orElseThrow();
    }

    /// With the profile that only the tests have.
    static Profiles withMadeUp() {
        return load("made-up");
    }

    private static Profiles load(String... environments) {
        try (var context = ApplicationContext.run(environments)) {
            return context.getBean(Profiles.class);
        }
    }
}
