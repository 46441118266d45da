package io.insula.isolation;

import io.insula.isolation.ResourceMode.Burstable;
import io.insula.isolation.ResourceMode.Hard;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeMap;

/// What a profile makes of pods, in ten hexadecimal digits: two of its states with the same version make the same host
/// pods. What decides about pods together, or only whether one is taken (quotas, the network, levels of pod security,
/// fallbacks), is not in it. Pure.
final class ProfileVersion {

    private static final int BYTES = 5;

    private ProfileVersion() {}

    static String of(ProfileSettings profile) {
        var shaping = List.of(
                profile.sandbox().wireName(),
                profile.runtimeClassName(),
                profile.userNamespaces(),
                profile.seccomp(),
                mode(profile.resources()),
                text(profile.defaults()),
                new TreeMap<>(profile.nodePool().selector()),
                profile.nodePool().tolerations(),
                profile.allowedTolerations(),
                profile.priorityClasses(),
                text(profile.overhead()),
                profile.processes(),
                profile.guestImage(),
                profile.guestMemory().getNumericalAmount().stripTrailingZeros());
        try {
            var digest = MessageDigest.getInstance("SHA-256")
                    .digest(shaping.toString().getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private static String mode(ResourceMode mode) {
        return switch (mode) {
            case Hard() -> "hard";
            case Burstable(var ratio) -> "burstable " + ratio;
        };
    }

    /// The same amount is written in several ways.
    private static String text(Resources resources) {
        return resources.cpu().getNumericalAmount().stripTrailingZeros() + " "
                + resources.memory().getNumericalAmount().stripTrailingZeros();
    }
}
