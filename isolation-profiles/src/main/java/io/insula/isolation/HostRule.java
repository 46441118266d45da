package io.insula.isolation;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;

/// One validation of a ValidatingAdmissionPolicy on the host. Immutable.
///
/// @param expression CEL that is true of what may pass
/// @param message what is said otherwise: a text, or a CEL expression that makes one
/// @param computed whether `message` is an expression
record HostRule(String expression, String message, boolean computed) {

    /// @param field of the object, as refusals in the tenant name it
    static HostRule of(String field, String reason, String expression) {
        return new HostRule(expression, field + ": " + reason, false);
    }

    /// A map, each of whose keys somebody has judged: what a newer Kubernetes adds is refused until then.
    ///
    /// @param path CEL that gives a map; its fields are read, never its absence
    static HostRule known(String field, String path, Collection<String> keys) {
        var judged = Cel.list(keys);
        return new HostRule(
                path + ".all(f, f in " + judged + ")",
                Cel.text(field + ".") + " + " + path + ".filter(f, !(f in " + judged + "))[0] + \": is not allowed\"",
                true);
    }

    /// The same for each map of a list.
    ///
    /// @param path CEL that gives a list of maps
    static HostRule knownInEach(String field, String path, Collection<String> keys) {
        var judged = Cel.list(keys);
        return new HostRule(
                path + ".all(e, e.all(f, f in " + judged + "))",
                Cel.text(field + ".") + " + " + path + ".filter(e, e.exists(f, !(f in " + judged
                        + ")))[0].filter(f, !(f in " + judged + "))[0] + \": is not allowed\"",
                true);
    }

    /// With something said before the message.
    HostRule after(String prefix) {
        return new HostRule(expression, computed ? Cel.text(prefix) + " + " + message : prefix + message, computed);
    }

    Map<String, Object> tree() {
        var tree = new LinkedHashMap<String, Object>();
        tree.put("expression", expression);
        tree.put(computed ? "messageExpression" : "message", message);
        tree.put("reason", "Forbidden");
        return tree;
    }
}
