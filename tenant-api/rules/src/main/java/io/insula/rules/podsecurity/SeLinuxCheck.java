package io.insula.rules.podsecurity;

import static io.insula.rules.podsecurity.Setters.plural;
import static io.insula.rules.podsecurity.Setters.quoted;

import io.insula.rules.podsecurity.PodFacts.SeLinux;
import java.util.ArrayList;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Labels of SELinux other than those that container runtimes give.
final class SeLinuxCheck {

    private final Set<String> allowed;
    private final Setters found = new Setters();
    private boolean user;
    private boolean role;

    private SeLinuxCheck(Set<String> allowed) {
        this.allowed = allowed;
    }

    static Optional<Violation> judge(PodFacts pod, Set<String> types) {
        var check = new SeLinuxCheck(types);
        if (check.isBad(pod.security().seLinux())) {
            check.found.pod("seLinuxOptions");
        }
        pod.containers().stream()
                .filter(container -> check.isBad(container.security().seLinux()))
                .forEach(container -> check.found.container(container, "securityContext.seLinuxOptions"));
        return check.found.violation("seLinuxOptions", check.words());
    }

    private boolean isBad(@Nullable SeLinux options) {
        if (options == null) {
            return false;
        }
        boolean badType = !allowed.contains(options.type());
        if (badType) {
            found.value(options.type());
        }
        user |= !options.user().isEmpty();
        role |= !options.role().isEmpty();
        return badType || !options.user().isEmpty() || !options.role().isEmpty();
    }

    private String words() {
        var what = new ArrayList<String>();
        if (!found.values().isEmpty()) {
            what.add(plural("type", found.values().size()) + " " + quoted(found.values()));
        }
        if (user) {
            what.add("user may not be set");
        }
        if (role) {
            what.add("role may not be set");
        }
        return found.who() + " set forbidden securityContext.seLinuxOptions: " + String.join("; ", what);
    }
}
