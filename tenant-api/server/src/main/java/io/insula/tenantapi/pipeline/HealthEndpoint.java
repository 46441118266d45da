package io.insula.tenantapi.pipeline;

import io.insula.tenantapi.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// `/healthz`, `/livez` and `/readyz`, and one path below each per check. Thread-safe as far as its checks are.
/// Source: kubernetes/apiserver, `server/healthz`.
public final class HealthEndpoint implements Endpoint {

    private static final Logger LOG = LoggerFactory.getLogger(HealthEndpoint.class);

    private final Map<String, List<Check>> checks;
    private final Observer observer;

    /// One part of a server's health.
    ///
    /// @param probe throws when the part is not well; the message is shown at the check's own path only
    public record Check(String name, Runnable probe) {}

    /// Hears how checks go.
    @FunctionalInterface
    public interface Observer {
        /// @param root `healthz`, `livez` or `readyz`
        void checked(String root, String check, boolean well);
    }

    /// @param healthz,livez,readyz the checks of each path, in the order in which they are told
    public HealthEndpoint(List<Check> healthz, List<Check> livez, List<Check> readyz, Observer observer) {
        this.observer = observer;
        checks = Map.of("healthz", List.copyOf(healthz), "livez", List.copyOf(livez), "readyz", List.copyOf(readyz));
    }

    @Override
    public Optional<Reply> answer(HttpRequest request) {
        String path = request.path();
        int slash = path.indexOf('/', 1);
        List<Check> known =
                checks.get(slash < 0 ? path.substring(Math.min(1, path.length())) : path.substring(1, slash));
        if (known == null) {
            return Optional.empty();
        }
        if (slash < 0) {
            return Optional.of(all(path.substring(1), known, Query.of(request.query())));
        }
        String name = path.substring(slash + 1);
        return known.stream()
                .filter(check -> check.name().equals(name))
                .findFirst()
                .map(HealthEndpoint::one);
    }

    private Reply all(String root, List<Check> checks, Query query) {
        var excluded = new TreeSet<>(query.all("exclude"));
        var unknown = new TreeSet<>(excluded);
        var told = new StringBuilder();
        boolean well = true;
        for (Check check : checks) {
            String name = check.name();
            if (excluded.contains(name)) {
                unknown.remove(name);
                told.append("[+]").append(name).append(" excluded: ok\n");
            } else {
                boolean fine = fault(check).isEmpty();
                observer.checked(root, name, fine);
                // why is for those who may ask for the one check
                told.append(fine ? "[+]" : "[-]").append(name).append(fine ? " ok\n" : " failed: reason withheld\n");
                well = well && fine;
            }
        }
        if (!unknown.isEmpty()) {
            told.append("warn: some health checks cannot be excluded: no matches for ")
                    .append(unknown.stream().map(name -> '"' + name + '"').collect(Collectors.joining(",")))
                    .append('\n');
        }
        if (!well) {
            return text(500, told + root + " check failed\n");
        }
        return text(200, query.flag("verbose").isEmpty() ? "ok" : told + root + " check passed\n");
    }

    private static Reply one(Check check) {
        return fault(check)
                .map(message -> text(500, "internal server error: " + message + "\n"))
                .orElseGet(() -> text(200, "ok"));
    }

    private static Optional<String> fault(Check check) {
        try {
            check.probe().run();
            return Optional.empty();
        } catch (RuntimeException e) {
            LOG.atWarn().setCause(e).addKeyValue("check", check.name()).log("health check failed");
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    private static Reply text(int status, String text) {
        return new Reply(
                status,
                "text/plain; charset=utf-8",
                text.getBytes(StandardCharsets.UTF_8),
                Map.of("X-Content-Type-Options", List.of("nosniff")));
    }
}
