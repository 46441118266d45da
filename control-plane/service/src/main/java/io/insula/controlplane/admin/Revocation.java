package io.insula.controlplane.admin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.controlplane.pki.Credentials.Credential;
import io.insula.tenantapi.api.Json;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/// Which kubeconfigs are to be worth nothing from now on.
///
/// @param serial of one certificate; empty for all of a user's
/// @param user empty for the one certificate
record Revocation(String serial, String user) {

    static final Set<String> FIELDS = Set.of("serial", "user");

    /// @throws AdminException 400 where it does not name exactly one of both
    static Revocation of(StrictBody body) {
        String serial = body.text("serial").orElse("");
        String user = body.text("user").orElse("");
        if (serial.isEmpty() == user.isEmpty()) {
            throw AdminException.badRequest("serial, user: " + (serial.isEmpty() ? "neither" : "both")
                    + " (expected: either the serial number of a certificate, or the user of all to revoke)");
        }
        return new Revocation(serial, user);
    }

    /// Revokes them, and says so in the event.
    ///
    /// @param issued what was given out and has not ended
    /// @param revoke revokes by serial number
    /// @throws AdminException 400 for what is no serial number, 404 for a user who has no kubeconfig
    AdminAnswer carryOut(AdminCall call, List<Credential> issued, Function<String, Credential> revoke) {
        List<Credential> revoked =
                serials(issued).stream().map(each -> revoked(each, revoke)).toList();
        call.annotate(
                "kubeconfig-revoked", revoked.stream().map(Credential::serial).collect(Collectors.joining(",")));
        return AdminAnswer.ok(list(revoked));
    }

    private List<String> serials(List<Credential> issued) {
        if (user.isEmpty()) {
            return List.of(serial);
        }
        List<String> all = issued.stream()
                .filter(each -> each.user().equals(user))
                .map(Credential::serial)
                .toList();
        if (all.isEmpty()) {
            throw AdminException.notFound(
                    "user \"" + user + "\" has no kubeconfig that was issued here and is still good");
        }
        return all;
    }

    private static Credential revoked(String serial, Function<String, Credential> revoke) {
        try {
            return revoke.apply(serial);
        } catch (IllegalArgumentException e) {
            throw AdminException.badRequest(String.valueOf(e.getMessage()));
        }
    }

    static ObjectNode list(List<Credential> all) {
        ObjectNode answer = Json.object();
        all.forEach(each -> answer.withArrayProperty("items").add(each.tree()));
        answer.withArrayProperty("items");
        return answer;
    }
}
