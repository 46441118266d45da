package io.insula.controlplane.admin;

import io.insula.controlplane.audit.AuditTrail;
import io.insula.controlplane.audit.AuditTrail.Action;
import io.insula.controlplane.tenant.Tenancy;
import io.micronaut.core.order.Ordered;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.annotation.RequestFilter;
import io.micronaut.http.annotation.ResponseFilter;
import io.micronaut.http.annotation.ServerFilter;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import org.jspecify.annotations.Nullable;

/// Lets superusers in and records what they did, before they are answered. Reading on in the trail (a cursor is given)
/// is
/// not recorded: following it would never end.
@ServerFilter("/**")
final class AdminGate implements Ordered {

    private static final Pattern PATH = Pattern.compile("/v1/(?<resource>[a-z]+)(/(?<name>[^/]+))?(/(?<sub>[a-z]+))?");

    private final AuditTrail audit;

    AdminGate(AuditTrail audit) {
        this.audit = audit;
    }

    @RequestFilter
    @Nullable
    HttpResponse<?> admit(HttpRequest<?> request) {
        User user = user(request);
        if (user.groups().contains(AdminPki.SUPERUSERS)) {
            return null;
        }
        return AdminErrors.problem(
                403, "Forbidden", "user \"" + user.name() + "\" is not in the group " + AdminPki.SUPERUSERS);
    }

    @ResponseFilter
    @ExecuteOn(TaskExecutors.BLOCKING)
    void record(HttpRequest<?> request, HttpResponse<?> response) {
        Matcher path = PATH.matcher(request.getPath());
        if (!path.matches() || request.getParameters().contains("cursor")) {
            return;
        }
        User user = user(request);
        String resource = path.group("resource");
        String name = Optional.ofNullable(path.group("name")).orElse("");
        var action = new Action(
                user.name(),
                user.groups(),
                request.getRemoteAddress().getAddress().getHostAddress(),
                verb(request, name),
                request.getUri().toString(),
                resource,
                name,
                response.code());
        audit.record(tenantOf(resource, name), action, Map.of("insula.io/api", "admin"));
    }

    private static String tenantOf(String resource, String name) {
        if (resource.equals("tenants") && !name.isEmpty() && isKnownShape(name)) {
            return name;
        }
        return AuditTrail.HOST;
    }

    /// A name that cannot be a tenant's must not become a folder of the spool.
    private static boolean isKnownShape(String name) {
        return Tenancy.checkName(name).isEmpty();
    }

    private static String verb(HttpRequest<?> request, String name) {
        return switch (request.getMethodName()) {
            case "GET" -> name.isEmpty() ? "list" : "get";
            case "POST" -> "create";
            default -> request.getMethodName().toLowerCase(Locale.ROOT);
        };
    }

    private record User(String name, List<String> groups) {}

    private static User user(HttpRequest<?> request) {
        return request.getCertificate()
                .filter(X509Certificate.class::isInstance)
                .map(X509Certificate.class::cast)
                .map(AdminGate::user)
                .orElse(new User("", List.of()));
    }

    private static User user(X509Certificate certificate) {
        try {
            List<Rdn> names = new LdapName(certificate.getSubjectX500Principal().getName()).getRdns();
            return new User(values(names, "CN").stream().findFirst().orElse(""), values(names, "O"));
        } catch (InvalidNameException e) {
            return new User("", List.of());
        }
    }

    private static List<String> values(List<Rdn> names, String type) {
        return names.stream()
                .filter(r -> r.getType().equalsIgnoreCase(type))
                .map(r -> String.valueOf(r.getValue()))
                .toList();
    }
}
