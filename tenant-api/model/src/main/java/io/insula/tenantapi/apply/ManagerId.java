package io.insula.tenantapi.apply;

import java.util.Comparator;

/// Who did what: the key of an entry of `managedFields`.
///
/// @param operation `Apply` or `Update`
/// @param apiVersion empty for Apply, where a manager has one entry whatever the version
/// @param subresource empty for the main resource
record ManagerId(String manager, String operation, String apiVersion, String subresource)
        implements Comparable<ManagerId> {

    static final String APPLY = "Apply";
    static final String UPDATE = "Update";

    private static final Comparator<ManagerId> ORDER = Comparator.comparing(ManagerId::manager)
            .thenComparing(ManagerId::operation)
            .thenComparing(ManagerId::apiVersion)
            .thenComparing(ManagerId::subresource);

    static ManagerId apply(String manager, String subresource) {
        return new ManagerId(named(manager), APPLY, "", subresource);
    }

    static ManagerId update(String manager, String apiVersion, String subresource) {
        return new ManagerId(named(manager), UPDATE, apiVersion, subresource);
    }

    private static String named(String manager) {
        return manager.isEmpty() ? "unknown" : manager;
    }

    /// As conflict messages name it: `"mgr" with subresource "status" using apps/v1`.
    String describe() {
        String text = '"' + manager + '"';
        if (!subresource.isEmpty()) {
            text += " with subresource \"" + subresource + '"';
        }
        return operation.equals(UPDATE) ? text + " using " + apiVersion : text;
    }

    @Override
    public int compareTo(ManagerId other) {
        return ORDER.compare(this, other);
    }
}
