package io.insula.controlplane.tenant;

import io.insula.syncer.engine.InsulaLabels;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// Names of the group `tenancy.insula.io` and the rule for tenant names.
public final class Tenancy {

    public static final String GROUP = "tenancy.insula.io";
    public static final String VERSION = "v1alpha1";
    public static final String FINALIZER = GROUP + "/tenant";
    public static final String TENANT_LABEL = InsulaLabels.TENANT;

    public static final String RELEASE_DELETES = InsulaLabels.RELEASE_DELETES;

    public static final String ASLEEP = InsulaLabels.ASLEEP;

    public static final String RESTORE = InsulaLabels.RESTORE;

    public static final String RESTORED = InsulaLabels.RESTORED;

    /// Annotation of a Tenant that was made of another one's backup: `SOURCE/BACKUP`.
    public static final String COPIED_FROM = InsulaLabels.PREFIX + "copied-from";

    /// Annotation of a Tenant: the keys that are to change, and how far, such as `service-account: begin`; taken off
    /// when that is done.
    public static final String ROTATE = InsulaLabels.PREFIX + "rotate";

    public static final int NAME_LIMIT = 40;

    /// Names that stand for something else: `host` for the host cluster in logs, contexts and authorities.
    private static final Set<String> RESERVED = Set.of("host");

    /// Source: RFC 1123, label.
    private static final Pattern LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?");

    /// Annotation of an IsolationProfile, with any value: pods that earlier versions of it made are to be made anew;
    /// taken
    /// off when that is done.
    public static final String ROLL_OUT = "insula.io/roll-out";

    private Tenancy() {}

    /// Why `name` cannot be a tenant's; empty when it can.
    public static Optional<String> checkName(String name) {
        if (name.length() > NAME_LIMIT) {
            return Optional.of("tenant name: \"" + name + "\" has " + name.length() + " characters (expected: at most "
                    + NAME_LIMIT + ")");
        }
        if (!LABEL.matcher(name).matches()) {
            return Optional.of("tenant name: \"" + name
                    + "\" (expected: lower-case letters, digits and '-', beginning and ending with a letter or digit)");
        }
        if (RESERVED.contains(name)) {
            return Optional.of("tenant name: \"" + name + "\" is reserved (expected: another name)");
        }
        return Optional.empty();
    }

    /// Whether a name has the form of a tenant's, reserved or not: its namespace and folder are then nobody else's.
    static boolean isWellFormed(String name) {
        return name.length() <= NAME_LIMIT && LABEL.matcher(name).matches();
    }

    public static String hostNamespace(String tenant) {
        return "insula-" + tenant;
    }
}
