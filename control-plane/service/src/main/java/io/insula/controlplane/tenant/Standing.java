package io.insula.controlplane.tenant;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Objects on the host that are exactly as the control plane wants them. What somebody changes by hand is put back,
/// also what they add beside it: an exception that nobody rendered is a hole. Thread-safe.
///
/// Labels and annotations are merged; every other field that the wanted object has is replaced as a whole.
public final class Standing {

    private static final Logger LOG = LoggerFactory.getLogger(Standing.class);
    private static final String RBAC = "rbac.authorization.k8s.io";
    private static final int CONFLICT = 409;
    private static final int UNPROCESSABLE = 422;
    private static final int ATTEMPTS = 4;

    private final KubernetesClient host;
    private final KubernetesSerialization serialization = new KubernetesSerialization();

    public Standing(KubernetesClient host) {
        this.host = host;
    }

    /// Makes it, or makes it so again.
    ///
    /// @return whether something was written
    public boolean ensure(HasMetadata wanted) {
        for (int attempt = 1; ; attempt++) {
            try {
                return tryOnce(wanted);
            } catch (KubernetesClientException e) {
                // somebody else wrote it meanwhile
                if (e.getCode() != CONFLICT || attempt == ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    private boolean tryOnce(HasMetadata wanted) {
        HasMetadata current = host.resource(wanted).get();
        if (current == null) {
            create(wanted);
            return true;
        }
        ObjectNode is = tree(current);
        ObjectNode shall = is.deepCopy();
        merge(shall, tree(wanted));
        if (isSame(is, shall)) {
            return false;
        }
        LOG.atInfo()
                .addKeyValue("kind", wanted.getKind())
                .addKeyValue("namespace", wanted.getMetadata().getNamespace())
                .addKeyValue("name", wanted.getMetadata().getName())
                .log("object of the host is put right");
        try {
            host.resource(serialization.convertValue(shall, wanted.getClass())).update();
        } catch (KubernetesClientException e) {
            // nothing else is ever taken away, not for a moment: it may be a wall
            if (e.getCode() != UNPROCESSABLE || !wanted.getKind().endsWith("RoleBinding")) {
                throw e;
            }
            // what may not be changed (a binding's role) is made anew
            host.resource(current)
                    .lockResourceVersion(current.getMetadata().getResourceVersion())
                    .delete();
            create(wanted);
        }
        return true;
    }

    /// Of roles and their bindings by a request that has a name, as the right to grant more than one has can be given
    /// by name only. Source: Kubernetes documentation, "Privilege escalation prevention and bootstrapping".
    private void create(HasMetadata wanted) {
        if (wanted.getApiVersion().startsWith(RBAC)) {
            host.resource(wanted)
                    .fieldManager(HostLabels.CONTROL_PLANE)
                    .forceConflicts()
                    .serverSideApply();
        } else {
            host.resource(wanted).create();
        }
    }

    private ObjectNode tree(HasMetadata object) {
        return serialization.convertValue(object, ObjectNode.class);
    }

    private static void merge(ObjectNode into, ObjectNode wanted) {
        wanted.properties().forEach(field -> {
            switch (field.getKey()) {
                case "metadata" -> {
                    for (var marks : new String[] {"labels", "annotations"}) {
                        field.getValue()
                                .path(marks)
                                .properties()
                                .forEach(mark -> into.withObjectProperty("metadata")
                                        .withObjectProperty(marks)
                                        .set(mark.getKey(), mark.getValue()));
                    }
                }
                case "apiVersion", "kind", "status" -> {
                    // not to be changed
                }
                default -> into.set(field.getKey(), field.getValue());
            }
        });
    }

    /// Equal but for empty fields, which servers leave out, and the way in which amounts are written.
    static boolean isSame(JsonNode one, JsonNode two) {
        if (isEmpty(one) && isEmpty(two)) {
            return true;
        }
        if (one.isObject() && two.isObject()) {
            var names = new java.util.HashSet<String>();
            one.fieldNames().forEachRemaining(names::add);
            two.fieldNames().forEachRemaining(names::add);
            return names.stream().allMatch(name -> isSame(one.path(name), two.path(name)));
        }
        if (one.isArray() && two.isArray()) {
            if (one.size() != two.size()) {
                return false;
            }
            for (int i = 0; i < one.size(); i++) {
                if (!isSame(one.get(i), two.get(i))) {
                    return false;
                }
            }
            return true;
        }
        if (one.isContainerNode() || two.isContainerNode()) {
            // something against nothing: a container's text is empty, too
            return false;
        }
        return one.asText().equals(two.asText()) || isSameAmount(one.asText(), two.asText());
    }

    private static boolean isEmpty(JsonNode node) {
        return node.isMissingNode() || node.isNull() || (node.isContainerNode() && node.isEmpty());
    }

    private static boolean isSameAmount(String one, String two) {
        if (one.isEmpty() || two.isEmpty() || !Character.isDigit(one.charAt(0)) || !Character.isDigit(two.charAt(0))) {
            return false;
        }
        try {
            return new Quantity(one).getNumericalAmount().compareTo(new Quantity(two).getNumericalAmount()) == 0;
        } catch (IllegalArgumentException | ArithmeticException _) {
            return false;
        }
    }
}
