package io.insula.controlplane.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.controlplane.cli.IssuerClient.Answer;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

/// Somebody logs in with a browser on any other machine, by a code that they type in there. Source: RFC 8628.
record DeviceLogin(IssuerClient issuer) {

    private static final Duration LONGEST = Duration.ofMinutes(15);

    /// @throws CommandException when the code has ended, or the issuer refuses
    LoginTokens run() {
        String client = issuer.login().clientId();
        Answer begun = issuer.post(
                "device_authorization_endpoint",
                Map.of("client_id", client, "scope", String.join(" ", scopes(issuer.login()))));
        if (!begun.error().isEmpty()) {
            throw new CommandException("the issuer lets no devices in: " + begun.error());
        }
        JsonNode told = begun.body();
        System.err.println("Log in at " + told.path("verification_uri").asText() + " with the code "
                + told.path("user_code").asText());
        Duration pause = Duration.ofSeconds(Math.clamp(told.path("interval").asLong(5), 1, 60));
        Duration life = Duration.ofSeconds(told.path("expires_in").asLong(LONGEST.toSeconds()));
        Instant end = Instant.now().plus(life.compareTo(LONGEST) < 0 ? life : LONGEST);
        while (Instant.now().isBefore(end)) {
            sleep(pause);
            Answer answer = issuer.post(
                    "token_endpoint",
                    Map.of(
                            "grant_type",
                            "urn:ietf:params:oauth:grant-type:device_code",
                            "device_code",
                            told.path("device_code").asText(),
                            "client_id",
                            client));
            switch (answer.error()) {
                case "" -> {
                    return LoginTokens.of(answer.body(), "");
                }
                case "authorization_pending" -> {}
                case "slow_down" -> pause = pause.plusSeconds(5);
                default -> throw new CommandException("the issuer refuses: " + answer.error());
            }
        }
        throw new CommandException("nobody has logged in with the code before it ended");
    }

    /// What is asked for: with a token by which more are had.
    static List<String> scopes(LoginFile login) {
        var all = new LinkedHashSet<>(login.scopes());
        all.add("openid");
        all.add("offline_access");
        return List.copyOf(all);
    }

    private static void sleep(Duration pause) {
        try {
            Thread.sleep(pause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandException("interrupted", e);
        }
    }
}
