package io.insula.controlplane.host;

import io.fabric8.kubernetes.api.model.authorization.v1.SelfSubjectAccessReview;
import io.fabric8.kubernetes.api.model.authorization.v1.SelfSubjectAccessReviewBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.insula.syncer.engine.HostRights.Right;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Whether the credential that was given for a host may do there what the control plane does: asked before anything
/// is written, so that nothing is half done.
public record CredentialCheck(KubernetesClient host) {

    private static final Logger LOG = LoggerFactory.getLogger(CredentialCheck.class);
    private static final String ANY = "*";

    /// The host does not let its users ask for their own rights.
    private static final int FORBIDDEN = 403;

    /// Passes where the host does not answer such questions: what is missing shows later, one by one.
    ///
    /// @throws IllegalStateException naming each right that is missing
    public void require() {
        List<String> missing;
        try {
            missing = missing();
        } catch (KubernetesClientException e) {
            if (e.getCode() != FORBIDDEN) {
                throw e;
            }
            LOG.atWarn().setCause(e).log("the host does not say what its credential may do");
            return;
        }
        if (!missing.isEmpty()) {
            throw new IllegalStateException("the credential of --host-kubeconfig may not " + String.join("; ", missing)
                    + ": give it these rights (deploy/rbac/control-plane.yaml has all that is needed)");
        }
    }

    /// Resource by resource: `create, patch tenants.tenancy.insula.io`. An administrator is asked one question only.
    List<String> missing() {
        if (may(new Right(ANY + "/" + ANY, Set.of(ANY), Set.of()), ANY, "", "")) {
            return List.of();
        }
        var all = new ArrayList<String>();
        all.addAll(missing(ControlPlaneRights.EVERYWHERE, ""));
        all.addAll(missing(ControlPlaneRights.IN_DEFAULT, "default"));
        return all;
    }

    private List<String> missing(Collection<Right> rights, String namespace) {
        var byResource = new TreeMap<String, Set<String>>();
        for (Right right : rights) {
            for (String name : right.names().isEmpty() ? Set.of("") : new TreeSet<>(right.names())) {
                for (String verb : new TreeSet<>(right.verbs())) {
                    if (!may(right, verb, namespace, name)) {
                        byResource
                                .computeIfAbsent(described(right, namespace, name), _ -> new TreeSet<>())
                                .add(verb);
                    }
                }
            }
        }
        return byResource.entrySet().stream()
                .map(each -> String.join(", ", each.getValue()) + " " + each.getKey())
                .toList();
    }

    /// As `kubectl auth can-i` takes it.
    private static String described(Right right, String namespace, String name) {
        String resource = resource(right);
        int slash = resource.indexOf('/');
        String subresource = slash < 0 ? "" : resource.substring(slash);
        return (slash < 0 ? resource : resource.substring(0, slash))
                + (group(right).isEmpty() ? "" : "." + group(right))
                + subresource
                + (name.isEmpty() ? "" : " \"" + name + "\"")
                + (namespace.isEmpty() ? "" : " in namespace " + namespace);
    }

    private boolean may(Right right, String verb, String namespace, String name) {
        String resource = resource(right);
        int slash = resource.indexOf('/');
        SelfSubjectAccessReview asked = new SelfSubjectAccessReviewBuilder()
                .withNewSpec()
                .withNewResourceAttributes()
                .withGroup(group(right))
                .withResource(slash < 0 ? resource : resource.substring(0, slash))
                .withSubresource(slash < 0 ? null : resource.substring(slash + 1))
                .withVerb(verb)
                .withNamespace(namespace)
                .withName(name)
                .endResourceAttributes()
                .endSpec()
                .build();
        var answer = host.authorization().v1().selfSubjectAccessReview().create(asked);
        return answer.getStatus() != null
                && Boolean.TRUE.equals(answer.getStatus().getAllowed());
    }

    private static String group(Right right) {
        return right.resource().substring(0, right.resource().indexOf('/'));
    }

    private static String resource(Right right) {
        return right.resource().substring(right.resource().indexOf('/') + 1);
    }
}
