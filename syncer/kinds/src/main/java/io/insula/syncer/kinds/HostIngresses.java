package io.insula.syncer.kinds;

import io.fabric8.kubernetes.api.model.networking.v1.HTTPIngressPath;
import io.fabric8.kubernetes.api.model.networking.v1.HTTPIngressPathBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.IngressBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.IngressRule;
import io.fabric8.kubernetes.api.model.networking.v1.IngressRuleBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.IngressTLS;
import io.fabric8.kubernetes.api.model.networking.v1.IngressTLSBuilder;
import io.insula.isolation.IngressAnnotations;
import io.insula.rules.keys.WellKnownKeys;
import io.insula.syncer.engine.TenantView;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/// A tenant's Ingress as it is on the host, for a controller that serves all tenants: the same routes to the tenant's
/// own Services for names that are its own, and nothing that would reach beyond them. Confined to a thread, used
/// once.
///
/// Left out on purpose, each told: a default backend and rules without a host (they answer for everybody's names),
/// backends that are no Services, annotations that could hold configuration ([IngressAnnotations]), paths that could.
final class HostIngresses {

    /// Annotation: the class, as it was written before there was a field.
    static final String CLASS = WellKnownKeys.INGRESS_CLASS;

    /// What an exact path or a prefix is made of, and what a regular expression besides. No quotes, braces, semicolons,
    /// blanks: controllers write paths into their configuration.
    ///
    /// Source: ingress-nginx, `strict-validate-path-type`; CVE-2021-25745, CVE-2021-25748.
    private static final Pattern PLAIN_PATH = Pattern.compile("/[A-Za-z0-9/._~!&'()*+,=:@%-]*");

    private static final Pattern ANY_PATH = Pattern.compile("/[A-Za-z0-9/._~!&'()*+,=:@%|?^$\\[\\]\\\\-]*");
    private static final String BY_CONTROLLER = "ImplementationSpecific";

    private final Ingress tenant;
    private final TenantView view;
    private final IngressHosts hosts;
    private final Set<String> wanted;
    private final Map<String, String> passed;
    private final Set<String> held = new HashSet<>();
    private final List<String> refused = new ArrayList<>();
    private boolean waiting;

    private HostIngresses(Ingress tenant, TenantView view) {
        this.tenant = tenant;
        this.view = view;
        hosts = IngressHosts.of(view);
        wanted = IngressHosts.wanted(tenant);
        passed = IngressAnnotations.onHost(tenant.getMetadata().getAnnotations());
    }

    /// @param ingress empty where nothing is left of it
    /// @param refused one sentence for each part that is left out
    /// @param waiting whether names are neither the tenant's nor another's yet
    record Translated(Optional<Ingress> ingress, List<String> refused, boolean waiting) {}

    /// @param tenant one whose class is the host's
    static Translated of(Ingress tenant, TenantView view) {
        return new HostIngresses(tenant, view).translate();
    }

    /// The class that it asks for; empty for none.
    static String className(Ingress ingress) {
        var named = Objects.requireNonNullElse(ingress.getSpec().getIngressClassName(), "");
        return named.isEmpty() ? Kinds.annotation(ingress, CLASS) : named;
    }

    private Translated translate() {
        wanted.stream().filter(host -> hosts.held(host).isPresent()).forEach(held::add);
        var spec = tenant.getSpec();
        if (spec.getDefaultBackend() != null) {
            refused.add("spec.defaultBackend: would answer for every name of the shared cluster");
        }
        var rules = new ArrayList<IngressRule>();
        for (int i = 0; i < spec.getRules().size(); i++) {
            rule("spec.rules[" + i + "]", spec.getRules().get(i)).ifPresent(rules::add);
        }
        var tls = new ArrayList<IngressTLS>();
        for (int i = 0; i < spec.getTls().size(); i++) {
            tls("spec.tls[" + i + "]", spec.getTls().get(i)).ifPresent(tls::add);
        }
        annotations();
        return new Translated(
                rules.isEmpty() ? Optional.empty() : Optional.of(built(rules, tls)), List.copyOf(refused), waiting);
    }

    private Ingress built(List<IngressRule> rules, List<IngressTLS> tls) {
        return new IngressBuilder()
                .withMetadata(Kinds.withLabels(
                        view.names().hostMeta(Kinds.INGRESS.kind(), tenant),
                        tenant.getMetadata().getLabels()))
                .editMetadata()
                .addToAnnotations(passed)
                .endMetadata()
                .withNewSpec()
                .withIngressClassName(className(tenant))
                .withRules(rules)
                .withTls(tls)
                .endSpec()
                .build();
    }

    private void annotations() {
        var own = new TreeSet<>(Kinds.annotations(tenant).keySet());
        own.remove(CLASS);
        own.removeAll(passed.keySet());
        own.stream()
                .filter(key ->
                        key.contains("ingress") || IngressAnnotations.keys().contains(key))
                .forEach(key ->
                        refused.add("metadata.annotations[" + key + "]: is not for controllers of the shared cluster"));
    }

    private Optional<IngressRule> rule(String path, IngressRule rule) {
        var host = Objects.requireNonNullElse(rule.getHost(), "");
        if (host.isEmpty()) {
            refused.add(path + ".host: is empty, and would answer for every name of the shared cluster");
            return Optional.empty();
        }
        if (!held.contains(host)) {
            if (hosts.isTaken(host)) {
                refused.add(path + ".host: " + host + " belongs to somebody else");
            } else {
                waiting = true;
            }
            return Optional.empty();
        }
        var paths = new ArrayList<HTTPIngressPath>();
        if (rule.getHttp() != null) {
            var own = rule.getHttp().getPaths();
            for (int i = 0; i < own.size(); i++) {
                path(path + ".http.paths[" + i + "]", own.get(i)).ifPresent(paths::add);
            }
        }
        return paths.isEmpty()
                ? Optional.empty()
                : Optional.of(new IngressRuleBuilder()
                        .withHost(host)
                        .withNewHttp()
                        .withPaths(paths)
                        .endHttp()
                        .build());
    }

    private Optional<HTTPIngressPath> path(String at, HTTPIngressPath path) {
        var service = path.getBackend() == null ? null : path.getBackend().getService();
        if (service == null) {
            refused.add(at + ".backend: only Services can be reached from the shared cluster");
            return Optional.empty();
        }
        var type = Objects.requireNonNullElse(path.getPathType(), BY_CONTROLLER);
        var text = Objects.requireNonNullElse(path.getPath(), "");
        var allowed = type.equals(BY_CONTROLLER) ? ANY_PATH : PLAIN_PATH;
        if (!text.isEmpty() && !allowed.matcher(text).matches()) {
            refused.add(at + ".path: has what controllers of the shared cluster could take for configuration");
            return Optional.empty();
        }
        return Optional.of(new HTTPIngressPathBuilder()
                .withPath(path.getPath())
                .withPathType(type)
                .withNewBackend()
                .withNewService()
                .withName(hostName(Kinds.SERVICE.kind(), service.getName()))
                .withPort(service.getPort())
                .endService()
                .endBackend()
                .build());
    }

    /// A certificate for a name of somebody else's would be shown to whoever asks for that.
    private Optional<IngressTLS> tls(String path, IngressTLS tls) {
        var certified = new ArrayList<String>();
        for (int i = 0; i < tls.getHosts().size(); i++) {
            var host = tls.getHosts().get(i);
            if (held.contains(host)) {
                certified.add(host);
            } else if (!wanted.contains(host)) {
                refused.add(path + ".hosts[" + i + "]: " + host + " is the host of no rule");
            }
        }
        if (tls.getHosts().isEmpty()) {
            refused.add(path + ".hosts: is empty, and would be for every name of the shared cluster");
        }
        var secret = Objects.requireNonNullElse(tls.getSecretName(), "");
        return certified.isEmpty()
                ? Optional.empty()
                : Optional.of(new IngressTLSBuilder()
                        .withHosts(certified)
                        .withSecretName(secret.isEmpty() ? null : hostName(Kinds.SECRET.kind(), secret))
                        .build());
    }

    private String hostName(String kind, String name) {
        return view.names().hostName(kind, Kinds.namespace(tenant), name);
    }
}
