package io.insula.tenantapi.auth.structured;

import com.google.re2j.Pattern;
import io.insula.tenantapi.api.FieldError;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// The keys that an issuer's tokens may add to a user: prefixed by a domain that is not Kubernetes' own, as the
/// server and its kin trust those. Source: kubernetes/apiserver, `validation.go` (isKubernetesDomainPrefix);
/// apimachinery, `validation.IsDomainPrefixedPath`.
final class ExtraKeys {

    private static final Pattern DOMAIN =
            Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");
    private static final Pattern PATH = Pattern.compile("[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+");
    private static final List<String> RESERVED = List.of("kubernetes.io", "k8s.io");

    private ExtraKeys() {}

    static List<FieldError> check(String path, String key) {
        if (key.isEmpty()) {
            return List.of(FieldError.required(path, ""));
        }
        var errors = new ArrayList<FieldError>();
        String[] parts = key.split("/", 2);
        if (parts.length != 2 || parts[0].isEmpty() || parts[1].isEmpty()) {
            errors.add(FieldError.invalid(path, key, "must be a domain-prefixed path (such as \"acme.io/foo\")"));
            return errors;
        }
        if (!DOMAIN.matcher(parts[0]).matches() || parts[0].length() > 253) {
            errors.add(FieldError.invalid(path, parts[0], "must be a lowercase RFC 1123 subdomain"));
        }
        if (!PATH.matcher(parts[1]).matches()) {
            errors.add(FieldError.invalid(path, parts[1], "Invalid path"));
        }
        if (!key.equals(key.toLowerCase(Locale.ROOT))) {
            errors.add(FieldError.invalid(path, key, "must be lowercase"));
        }
        if (RESERVED.stream().anyMatch(domain -> parts[0].equals(domain) || parts[0].endsWith("." + domain))) {
            errors.add(FieldError.invalid(
                    path, key, "k8s.io, kubernetes.io and their subdomains are reserved for Kubernetes use"));
        }
        return errors;
    }
}
