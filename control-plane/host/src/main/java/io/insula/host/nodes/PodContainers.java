package io.insula.host.nodes;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.view.ContainerView.Kind;
import io.insula.tenantapi.view.PodSpecView;
import io.insula.tenantapi.view.PodView;
import java.util.ArrayList;
import java.util.List;

/// Which container of a pod a request means. Stateless.
///
/// Source: kubernetes, `pkg/registry/core/pod/strategy.go` (validateContainer).
public final class PodContainers {

    /// In the order in which upstream names them.
    public static final List<Kind> LOOKED_UP = List.of(Kind.ORDINARY, Kind.INIT, Kind.EPHEMERAL);

    private PodContainers() {}

    /// The one that is asked for, or the only one.
    ///
    /// @param asked empty where the request names none
    /// @throws ApiException 400 where it is neither
    public static String chosen(ObjectNode pod, String asked) {
        var names = new ArrayList<String>();
        PodSpecView spec = PodView.of(pod).spec();
        for (Kind kind : LOOKED_UP) {
            spec.containers(kind).forEach(each -> names.add(each.name()));
        }
        if (asked.isEmpty()) {
            if (spec.count(Kind.ORDINARY) == 1) {
                return names.getFirst();
            }
            throw ApiException.badRequest("a container name must be specified for pod " + Meta.name(pod)
                    + ", choose one of: [" + String.join(" ", names) + "]");
        }
        if (!names.contains(asked)) {
            throw ApiException.badRequest("container " + asked + " is not valid for pod " + Meta.name(pod));
        }
        return asked;
    }
}
